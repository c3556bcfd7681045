// The registry of images: the app may pull, the workflow may push, without passwords.
type resourceTags = {
  product: string
  environment: string
}

param name string
param location string
param tags resourceTags
param sku string
@description('Whether a weekly task does it. A subscription with free credit has no tasks.')
param removesOldImages bool
param privateNetwork bool
param workspaceId string
param appIdentityId string
param appPrincipalId string
param deployIdentityId string
param deployPrincipalId string

var roles = loadJsonContent('../roles.json')

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  // checkov:skip=CKV_AZURE_139:images are pushed from the internet; access needs a role in Entra
  // checkov:skip=CKV_AZURE_163:the workflow scans each image before it is pushed
  // checkov:skip=CKV_AZURE_166:quarantine is Premium's
  name: name
  location: location
  tags: tags
  sku: {
    name: sku
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    // infra/opened.sh opens it while an image is pushed: builders and runners have no fixed addresses.
    networkRuleSet: privateNetwork
      ? {
          defaultAction: 'Deny'
        }
      : null
    networkRuleBypassOptions: privateNetwork ? 'None' : null
  }
}

resource pulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, appIdentityId, roles.AcrPull)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.AcrPull
    )
  }
}

resource pushes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, deployIdentityId, roles.AcrPush)
  properties: {
    principalId: deployPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.AcrPush
    )
  }
}

// The newest images stay, so both slots keep theirs.
resource cleanUp 'Microsoft.ContainerRegistry/registries/tasks@2019-04-01' = if (removesOldImages) {
  parent: registry
  name: 'clean-up'
  location: location
  tags: tags
  properties: {
    platform: {
      os: 'Linux'
      architecture: 'amd64'
    }
    step: {
      type: 'EncodedTask'
      encodedTaskContent: loadFileAsBase64('clean-up.yaml')
    }
    timeout: 3600
    trigger: {
      timerTriggers: [
        {
          name: 'weekly'
          schedule: '0 3 * * 0'
          // It would find a closed registry: docs/network.md says how to run it.
          status: privateNetwork ? 'Disabled' : 'Enabled'
        }
      ]
    }
  }
}

// In a private network the workflow opens the registry before it pushes, and closes it again.
resource opens 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (privateNetwork) {
  scope: registry
  name: guid(registry.id, deployIdentityId, roles.ContainerRegistryContributor)
  properties: {
    principalId: deployPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.ContainerRegistryContributor
    )
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: registry
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

output server string = registry.properties.loginServer
