// All Azure resources of the product, in one resource group; docs/deploy.md has the commands.
targetScope = 'resourceGroup'

@description('Name of the environment. One Redis and one database belong to exactly one of them.')
@allowed(['dev', 'prod'])
param environment string

param location string = resourceGroup().location

@description('Image of the Function App, registry included: the one that runs; the first time, the base image.')
param image string

@description('{ name, objectId } of the Entra group that administers the database: people.')
param sqlAdministrators object

// A serverless tier (GP_S_Gen5_1) would not pause: the health check of each instance asks the database
// every minute, and each instance that serves polls its versions about once a second.
@description('Database tier, as S0 or S3.')
param sqlSku string

@description('Redis tier, as Balanced_B0; a plain client fits up to 25 GB.')
param redisSku string

@description('A second Redis node, and none of the data lost with the first.')
param redisHighAvailability bool

@description('Basic or Standard.')
param registrySku string

@description('Instances that are always running.')
@minValue(1)
param minimumInstances int

@description('Instances at the most: the bill has a ceiling.')
@minValue(1)
param maximumInstances int

@description('Share of traces that are kept, host and worker alike; metrics are always exact.')
param traceShare string

@description('Gigabytes a day that the log accepts.')
param logGigabytesPerDay int

@description('The Firebase project that signs users in.')
param firebaseProject string

@description('Who is told when an alert fires.')
param alertEmail string

@description('owner/name of the GitHub repository whose workflow deploys.')
param repository string

var suffix = uniqueString(resourceGroup().id)
var name = 'smart-cache-${environment}-${suffix}'
var shortName = 'sc${environment}${suffix}'
var tags = {
  product: 'smart-cache'
  environment: environment
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: {
    name: name
    location: location
    tags: tags
    subject: 'repo:${repository}:environment:${environment}'
  }
}

module logs 'modules/logs.bicep' = {
  name: 'logs'
  params: {
    name: name
    location: location
    tags: tags
    gigabytesPerDay: logGigabytesPerDay
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: {
    name: shortName
    location: location
    tags: tags
    sku: registrySku
    workspaceId: logs.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
    deployPrincipalId: identities.outputs.deployPrincipalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: shortName
    location: location
    tags: tags
    workspaceId: logs.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module database 'modules/database.bicep' = {
  name: 'database'
  params: {
    name: name
    location: location
    tags: tags
    sku: sqlSku
    administrators: sqlAdministrators
    workspaceId: logs.outputs.workspaceId
  }
}

module redis 'modules/redis.bicep' = {
  name: 'redis'
  params: {
    name: name
    location: location
    tags: tags
    sku: redisSku
    highAvailability: redisHighAvailability
    workspaceId: logs.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: shortName
    location: location
    tags: tags
    workspaceId: logs.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: name
    location: location
    tags: tags
    image: image
    minimumInstances: minimumInstances
    maximumInstances: maximumInstances
    traceShare: traceShare
    firebaseProject: firebaseProject
    identityName: identities.outputs.appName
    deployPrincipalId: identities.outputs.deployPrincipalId
    insightsName: logs.outputs.insightsName
    workspaceId: logs.outputs.workspaceId
    registryServer: registry.outputs.server
    hostStorageName: storage.outputs.hostName
    dataStorageUrl: storage.outputs.dataUrl
    sqlServer: database.outputs.server
    sqlDatabase: database.outputs.database
    redisHost: redis.outputs.host
    redisPort: redis.outputs.port
    vaultUri: vault.outputs.uri
  }
}

module factory 'modules/factory.bicep' = {
  name: 'factory'
  params: {
    name: name
    location: location
    tags: tags
    storageName: storage.outputs.dataName
    sqlServer: database.outputs.server
    sqlDatabase: database.outputs.database
    workspaceId: logs.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    tags: tags
    email: alertEmail
    workspaceId: logs.outputs.workspaceId
    appId: app.outputs.id
    factoryId: factory.outputs.id
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    location: location
    tags: tags
    workspaceId: logs.outputs.workspaceId
  }
}

output url string = app.outputs.url
output stagingUrl string = app.outputs.stagingUrl
output appName string = app.outputs.name
output appIdentityName string = identities.outputs.appName
output deployName string = identities.outputs.deployName
output deployClientId string = identities.outputs.deployClientId
output factoryName string = factory.outputs.name
output registryServer string = registry.outputs.server
output dataStorageName string = storage.outputs.dataName
output sqlServer string = database.outputs.server
output sqlDatabase string = database.outputs.database
output vaultName string = vault.outputs.name
