// Data Factory, deployed from the files of adf/; only the environment's names are replaced.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
param storageName string
param storageUrl string
param sqlServer string
param sqlDatabase string
@description('Of the SQL server.')
param sqlId string
param privateNetwork bool
param workspaceId string

var roles = loadJsonContent('../roles.json')
var factoryFile = loadJsonContent('../../adf/factory/smart-cache-factory.json')
var databaseFile = loadJsonContent('../../adf/linkedService/database.json')
var storageFile = loadJsonContent('../../adf/linkedService/storage.json')
var stagingFile = loadJsonContent('../../adf/dataset/features_staging.json')
var csvFile = loadJsonContent('../../adf/dataset/spotify_csv.json')
var loadFile = loadJsonContent('../../adf/pipeline/load_spotify_features.json')
var triggerFile = loadJsonContent('../../adf/trigger/new_csv.json')

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' existing = {
  parent: account
  name: 'default'
}

resource raw 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' existing = {
  parent: blobs
  name: 'raw'
}

resource loadLogs 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' existing = {
  parent: blobs
  name: 'load-logs'
}

resource factory 'Microsoft.DataFactory/factories@2018-06-01' = {
  // checkov:skip=CKV_AZURE_103:the files live in this repository, not in Data Factory's
  // checkov:skip=CKV_AZURE_104:Studio and triggers come from the internet; access needs a role in Entra
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: factoryFile.properties
}

// In a private network the factory's own machines run in one of Microsoft's, with private endpoints
// into ours. infra/private-network.sh approves them, which a template cannot. FACTORY-load-sql and
// FACTORY-load-data are the names by which it knows them.
resource network 'Microsoft.DataFactory/factories/managedVirtualNetworks@2018-06-01' = if (privateNetwork) {
  parent: factory
  name: 'default'
  properties: {}
}

resource toDatabase 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = if (privateNetwork) {
  parent: network
  name: '${name}-load-sql'
  properties: {
    privateLinkResourceId: sqlId
    groupId: 'sqlServer'
  }
}

resource toStorage 'Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01' = if (privateNetwork) {
  parent: network
  name: '${name}-load-data'
  properties: {
    privateLinkResourceId: account.id
    groupId: 'blob'
  }
}

resource runtime 'Microsoft.DataFactory/factories/integrationRuntimes@2018-06-01' = if (privateNetwork) {
  parent: factory
  name: 'private'
  properties: {
    type: 'Managed'
    typeProperties: {
      computeProperties: {
        location: 'AutoResolve'
      }
    }
    managedVirtualNetwork: {
      type: 'ManagedVirtualNetworkReference'
      referenceName: 'default'
    }
  }
  dependsOn: [
    network
  ]
}

var connection = privateNetwork
  ? {
      connectVia: {
        type: 'IntegrationRuntimeReference'
        referenceName: 'private'
      }
    }
  : {}

resource database 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: databaseFile.name
  properties: union(
    databaseFile.properties,
    {
      typeProperties: {
        server: sqlServer
        database: sqlDatabase
      }
    },
    connection
  )
  dependsOn: [
    runtime
  ]
}

resource storage 'Microsoft.DataFactory/factories/linkedservices@2018-06-01' = {
  parent: factory
  name: storageFile.name
  properties: union(
    storageFile.properties,
    {
      typeProperties: {
        serviceEndpoint: storageUrl
      }
    },
    connection
  )
  dependsOn: [
    runtime
  ]
}

resource staging 'Microsoft.DataFactory/factories/datasets@2018-06-01' = {
  parent: factory
  name: stagingFile.name
  properties: stagingFile.properties
  dependsOn: [
    database
  ]
}

resource csv 'Microsoft.DataFactory/factories/datasets@2018-06-01' = {
  parent: factory
  name: csvFile.name
  properties: csvFile.properties
  dependsOn: [
    storage
  ]
}

resource load 'Microsoft.DataFactory/factories/pipelines@2018-06-01' = {
  parent: factory
  name: loadFile.name
  properties: loadFile.properties
  dependsOn: [
    staging
    csv
  ]
}

// A template cannot start it: docs/deploy.md has the command.
resource trigger 'Microsoft.DataFactory/factories/triggers@2018-06-01' = {
  parent: factory
  name: triggerFile.name
  properties: union(triggerFile.properties, {
    typeProperties: {
      scope: account.id
    }
  })
  dependsOn: [
    load
  ]
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: raw
  name: guid(raw.id, factory.id, roles.StorageBlobDataReader)
  properties: {
    principalId: factory.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.StorageBlobDataReader
    )
  }
}

resource writesLogs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: loadLogs
  name: guid(loadLogs.id, factory.id, roles.StorageBlobDataContributor)
  properties: {
    principalId: factory.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.StorageBlobDataContributor
    )
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: factory
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'PipelineRuns'
        enabled: true
      }
      {
        category: 'ActivityRuns'
        enabled: true
      }
      {
        category: 'TriggerRuns'
        enabled: true
      }
    ]
  }
}

output id string = factory.id
output principalId string = factory.identity.principalId
