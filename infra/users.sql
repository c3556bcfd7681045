-- Who may do what in the database: three managed identities, each with one role, none with a password.
-- Run by an Entra administrator of the server, after the migrations, as often as you like, with sqlcmd
-- and its variables API, FACTORY and DEPLOY: docs/deploy.md has the command.
IF DATABASE_PRINCIPAL_ID('$(API)') IS NULL CREATE USER [$(API)] FROM EXTERNAL PROVIDER;
IF DATABASE_PRINCIPAL_ID('$(FACTORY)') IS NULL CREATE USER [$(FACTORY)] FROM EXTERNAL PROVIDER;
IF DATABASE_PRINCIPAL_ID('$(DEPLOY)') IS NULL CREATE USER [$(DEPLOY)] FROM EXTERNAL PROVIDER;
ALTER ROLE spotify_api ADD MEMBER [$(API)];
ALTER ROLE spotify_loader ADD MEMBER [$(FACTORY)];
-- The migrations that the workflow runs make tables, procedures and roles.
ALTER ROLE db_owner ADD MEMBER [$(DEPLOY)];
GO
