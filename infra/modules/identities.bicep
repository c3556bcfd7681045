// The identities of the app and of the deploying workflow. Neither has a password.
import { resourceTags } from '../types.bicep'

param appName string
param deployName string
param location string
param tags resourceTags
@description('The workflow run that may deploy, in GitHub\'s words; empty: none may.')
param subject string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appName
  location: location
  tags: tags
}

resource deploy 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: deployName
  location: location
  tags: tags
}

resource workflow 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(subject)) {
  parent: deploy
  name: 'github'
  properties: {
    issuer: 'https://token.actions.githubusercontent.com'
    subject: subject
    audiences: ['api://AzureADTokenExchange']
  }
}

output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output deployClientId string = deploy.properties.clientId
output deployPrincipalId string = deploy.properties.principalId
