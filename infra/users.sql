-- Gives three managed identities their users and roles in the database. An Entra administrator of the
-- server runs it after the migrations (infra/users.sh), with sqlcmd and its variables: API, FACTORY and
-- DEPLOY are the identities' names, API_ID, FACTORY_ID and DEPLOY_ID their object ids. An id is right even
-- where another identity of the tenant has the same name. It can be run again.
IF DATABASE_PRINCIPAL_ID('$(API)') IS NULL
    CREATE USER [$(API)] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '$(API_ID)';
IF DATABASE_PRINCIPAL_ID('$(FACTORY)') IS NULL
    CREATE USER [$(FACTORY)] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '$(FACTORY_ID)';
IF DATABASE_PRINCIPAL_ID('$(DEPLOY)') IS NULL
    CREATE USER [$(DEPLOY)] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '$(DEPLOY_ID)';
ALTER ROLE spotify_api ADD MEMBER [$(API)];
ALTER ROLE spotify_loader ADD MEMBER [$(FACTORY)];
-- The workflow runs the migrations, which create tables, procedures and roles.
ALTER ROLE db_owner ADD MEMBER [$(DEPLOY)];
GO
