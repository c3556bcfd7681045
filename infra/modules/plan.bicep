// The identity of the runs that comment on a pull request what it would change. They run the pull
// request's code, so it may read how everything is configured and ask for a preview, nothing else.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
@description('The workflow run that may sign in, in GitHub\'s words.')
param subject string

resource plan 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

resource workflow 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = {
  parent: plan
  name: 'github'
  properties: {
    issuer: 'https://token.actions.githubusercontent.com'
    subject: subject
    audiences: ['api://AzureADTokenExchange']
  }
}

// No built-in role has whatIf without the right to deploy.
resource previewer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, name)
  properties: {
    roleName: name
    description: 'Reads the configuration of everything, and asks what a deployment would change.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          '*/read'
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/whatIf/action'
        ]
        notActions: [
          'Microsoft.Insights/logs/*/read'
          'Microsoft.OperationalInsights/workspaces/query/*'
        ]
      }
    ]
  }
}

resource previews 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, plan.id, previewer.id)
  properties: {
    principalId: plan.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: previewer.id
  }
}

output clientId string = plan.properties.clientId
