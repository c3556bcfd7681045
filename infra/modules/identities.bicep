// The identities of the app and of the deploying workflow. Neither has a password.
param name string
param location string
param tags object
@description('The workflow run that may deploy, in GitHub\'s words.')
param subject string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-app'
  location: location
  tags: tags
}

resource deploy 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-deploy'
  location: location
  tags: tags
}

resource workflow 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: deploy
  name: 'github'
  properties: {
    issuer: 'https://token.actions.githubusercontent.com'
    subject: subject
    audiences: ['api://AzureADTokenExchange']
  }
}

output appName string = app.name
output appPrincipalId string = app.properties.principalId
output deployName string = deploy.name
output deployClientId string = deploy.properties.clientId
output deployPrincipalId string = deploy.properties.principalId
