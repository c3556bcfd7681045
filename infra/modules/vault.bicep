// The two secrets of Firebase: operators set them (docs/deploy.md), settings refer to them.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
param privateNetwork bool
param workspaceId string
param appIdentityId string
param appPrincipalId string

var roles = loadJsonContent('../roles.json')

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  // checkov:skip=CKV_AZURE_109:without a network references are resolved from Azure's changing addresses; access needs a role in Entra
  // checkov:skip=CKV_AZURE_189:secrets are stored from the internet; access needs a role in Entra
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Firebase issues both secrets again; the vault's name is free after a week.
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
    // infra/opened.sh adds the address of the machine that stores the secrets.
    networkAcls: {
      bypass: 'None'
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appIdentityId, roles.KeyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.KeyVaultSecretsUser
    )
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

output uri string = vault.properties.vaultUri
