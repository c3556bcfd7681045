-- Gives three managed identities their users and roles in the database. An Entra administrator of the
-- server runs it after the migrations, with sqlcmd and its variables API, FACTORY and DEPLOY
-- (docs/deploy.md has the command). It can be run again.
IF DATABASE_PRINCIPAL_ID('$(API)') IS NULL CREATE USER [$(API)] FROM EXTERNAL PROVIDER;
IF DATABASE_PRINCIPAL_ID('$(FACTORY)') IS NULL CREATE USER [$(FACTORY)] FROM EXTERNAL PROVIDER;
IF DATABASE_PRINCIPAL_ID('$(DEPLOY)') IS NULL CREATE USER [$(DEPLOY)] FROM EXTERNAL PROVIDER;
ALTER ROLE spotify_api ADD MEMBER [$(API)];
ALTER ROLE spotify_loader ADD MEMBER [$(FACTORY)];
-- The workflow runs the migrations, which create tables, procedures and roles.
ALTER ROLE db_owner ADD MEMBER [$(DEPLOY)];
GO
