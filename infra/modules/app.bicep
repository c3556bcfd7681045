// The plan, the Function App and its staging slot, with every setting that they need.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
param image string
param stagingImage string
param minimumInstances int
param maximumInstances int
param traceShare string
param firebaseProject string
param identityName string
param clientId string
param deployIdentityId string
param deployPrincipalId string
param insightsName string
param workspaceId string
@description('The subnet through which the app reaches what it uses; null: the internet.')
param subnetId string?
param registryServer string
param hostStorageName string
param dataStorageUrl string
param sqlServer string
param sqlDatabase string
param redisHost string
param redisPort int
param vaultUri string

var roles = loadJsonContent('../roles.json')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

var platformSettings = {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'python'
  WEBSITES_ENABLE_APP_SERVICE_STORAGE: 'false'
  // The app's image has the same address; the base image, which runs until the first release, another.
  ASPNETCORE_URLS: 'http://+:8080'
  WEBSITES_PORT: '8080'
  DOCKER_REGISTRY_SERVER_URL: 'https://${registryServer}'
  AzureWebJobsDisableHomepage: 'true'
  AzureWebJobsStorage__accountName: hostStorageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  // The worker exports; keys are off, so it signs in.
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  // The worker also tells the host that it exports; else the host adds two rows of 1 KB to each request.
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
  // Only the lines of our loggers: the worker logs one for each call, which would be a row each.
  PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME: 'shared'
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: traceShare
  // A swap waits until the new containers have answered here.
  WEBSITE_SWAP_WARMUP_PING_PATH: '/api/health'
  WEBSITE_SWAP_WARMUP_PING_STATUSES: '200'
}

// Settings that stay with their slot in a swap: both hosts keep their state in one storage account, and
// both send telemetry to one workspace, where this is AppRoleName. The portal looks for these names.
var productionSettings = {
  AzureFunctionsWebHost__hostid: 'smart-cache-production'
  OTEL_SERVICE_NAME: name
}
var stagingSettings = {
  AzureFunctionsWebHost__hostid: 'smart-cache-staging'
  OTEL_SERVICE_NAME: '${name}-staging'
}

var productSettings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  // Whom azure-identity signs in, for SQL, Redis and blobs.
  AZURE_CLIENT_ID: clientId
  SQL_CONNECTION_STRING: 'Driver={ODBC Driver 18 for SQL Server};Server=tcp:${sqlServer},1433;Database=${sqlDatabase};Encrypt=yes;TrustServerCertificate=no;'
  REDIS_URL: 'rediss://${redisHost}:${redisPort}?auth=entra'
  CACHE_MODE: 'auto'
  CACHE_TTL_SECONDS: '3600'
  CACHE_FRESHNESS_SECONDS: '2'
  CACHE_STRICT_ACK: 'false'
  CACHE_REBUILD_AFTER_WRITE: 'true'
  CACHE_MEMORY_MB: '512'
  CACHE_STALE_IF_ERROR_SECONDS: '600'
  FEATURES_LIMIT: '100000'
  FIREBASE_PROJECT_ID: firebaseProject
  FIREBASE_API_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/firebase-api-key/)'
  FIREBASE_CREDENTIALS: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/firebase-credentials/)'
  STORAGE_ACCOUNT_URL: dataStorageUrl
}

// Everything leaves through the network, images too; Azure's own services for the host do not.
var routing = subnetId == null
  ? null
  : {
      applicationTraffic: true
      imagePullTraffic: true
    }

var siteConfig = {
  acrUseManagedIdentityCreds: true
  acrUserManagedIdentityID: clientId
  healthCheckPath: '/api/health'
  http20Enabled: true
  minTlsVersion: '1.2'
  scmMinTlsVersion: '1.2'
  ftpsState: 'Disabled'
  preWarmedInstanceCount: 1
  functionAppScaleLimit: maximumInstances
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225:zones need three instances that always run
  name: name
  location: location
  tags: tags
  kind: 'elastic'
  sku: {
    name: 'EP1'
    tier: 'ElasticPremium'
  }
  properties: {
    reserved: true
    maximumElasticWorkerCount: maximumInstances
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_17:browsers have no client certificates
  // checkov:skip=CKV_AZURE_212:minimumElasticInstanceCount says how many
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: subnetId
    outboundVnetRouting: routing
    siteConfig: union(siteConfig, {
      linuxFxVersion: 'DOCKER|${image}'
      minimumElasticInstanceCount: minimumInstances
    })
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(platformSettings, productSettings, productionSettings)
}

resource sticky 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'slotConfigNames'
  properties: {
    appSettingNames: objectKeys(productionSettings)
  }
  // Writes of one site's configuration at the same time lose some of it.
  dependsOn: [
    settings
  ]
}

// Nobody deploys by user name and password.
resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource staging 'Microsoft.Web/sites/slots@2025-03-01' = {
  // checkov:skip=CKV_AZURE_212:one is enough to try a release
  parent: site
  name: 'staging'
  location: location
  tags: tags
  kind: 'functionapp,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: subnetId
    outboundVnetRouting: routing
    siteConfig: union(siteConfig, {
      linuxFxVersion: 'DOCKER|${stagingImage}'
      // It shares production's plan; what concerns scaling is not swapped.
      minimumElasticInstanceCount: 1
    })
  }
  dependsOn: [
    sticky
  ]
}

resource settingsOfStaging 'Microsoft.Web/sites/slots/config@2025-03-01' = {
  parent: staging
  name: 'appsettings'
  properties: union(platformSettings, productSettings, stagingSettings)
}

resource ftpOfStaging 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: staging
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scmOfStaging 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: staging
  name: 'scm'
  properties: {
    allow: false
  }
}

// Both slots, their images and the swap.
resource deploys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: site
  name: guid(site.id, deployIdentityId, roles.WebsiteContributor)
  properties: {
    principalId: deployPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.WebsiteContributor
    )
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnosticsOfStaging 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: staging
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

output id string = site.id
output planId string = plan.id
output url string = 'https://${site.properties.defaultHostName}'
output stagingUrl string = 'https://${staging.properties.defaultHostName}'
