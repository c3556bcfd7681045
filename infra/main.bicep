// All Azure resources of the product, in one resource group; docs/deploy.md has the commands.
targetScope = 'resourceGroup'

import { administrator, environmentName } from 'types.bicep'

@description('Name of the environment. One Redis and one database belong to exactly one of them.')
param environment environmentName

param location string = resourceGroup().location

@description('Image of the Function App, registry included: the one that runs; the first time, the base image.')
@minLength(1)
param image string

@description('Image in the staging slot: after a release, the one to roll back to.')
@minLength(1)
param stagingImage string

@description('The Entra user or group that administers the database.')
param sqlAdministrators administrator

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

@description('Whether the API is called every five minutes from five places.')
param availabilityTest bool

@description('What a month may cost, in the currency of the bill, before an e-mail is sent; 0: no budget.')
@minValue(0)
param monthlyBudget int

@description('First day of the month in which the budget was made, which infra/running.sh finds; empty: this month.')
param budgetStart string

@description('The Firebase project that signs users in.')
@minLength(1)
param firebaseProject string

@description('The e-mail address to which alerts are sent.')
@minLength(1)
param alertEmail string

@description('Reach SQL, Redis, the storage accounts, the vault and the registry through a network of their own, and close them to the internet: docs/network.md.')
param privateNetwork bool = false

@description('How GitHub names the repository whose workflow deploys, as repo:owner/name or repo:owner@1/name@2; empty: none does.')
param githubSubject string

// What names a resource is computed here, so that what-if and the snapshots show every resource. Only
// what Azure makes up (ids, hosts) comes from the modules' outputs.
var suffix = uniqueString(resourceGroup().id)
var name = 'smart-cache-${environment}-${suffix}'
var shortName = 'sc${environment}${suffix}'
var appIdentity = '${name}-app'
var appIdentityId = resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', appIdentity)
var deployIdentity = '${name}-deploy'
var deployIdentityId = resourceId(
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  deployIdentity
)
var planIdentity = '${name}-plan'
var dataStorage = '${shortName}data'
var hostStorage = '${shortName}host'
var appSubnetId = resourceId('Microsoft.Network/virtualNetworks/subnets', name, 'app')
var tags = {
  product: 'smart-cache'
  environment: environment
}

module identities 'modules/identities.bicep' = {
  params: {
    appName: appIdentity
    deployName: deployIdentity
    location: location
    tags: tags
    subject: empty(githubSubject) ? '' : '${githubSubject}:environment:${environment}'
  }
}

module plan 'modules/plan.bicep' = if (!empty(githubSubject)) {
  params: {
    name: planIdentity
    location: location
    tags: tags
    subject: '${githubSubject}:environment:plan'
  }
}

module logs 'modules/logs.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    gigabytesPerDay: logGigabytesPerDay
    appIdentityId: appIdentityId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module registry 'modules/registry.bicep' = {
  params: {
    name: shortName
    location: location
    tags: tags
    // Only this tier has private endpoints.
    sku: privateNetwork ? 'Premium' : registrySku
    removesOldImages: environment == 'prod'
    privateNetwork: privateNetwork
    workspaceId: logs.outputs.workspaceId
    appIdentityId: appIdentityId
    appPrincipalId: identities.outputs.appPrincipalId
    deployIdentityId: deployIdentityId
    deployPrincipalId: identities.outputs.deployPrincipalId
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    dataName: dataStorage
    hostName: hostStorage
    location: location
    tags: tags
    privateNetwork: privateNetwork
    workspaceId: logs.outputs.workspaceId
    appIdentityId: appIdentityId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module database 'modules/database.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    sku: sqlSku
    administrators: sqlAdministrators
    privateNetwork: privateNetwork
    deployIdentityId: deployIdentityId
    deployPrincipalId: identities.outputs.deployPrincipalId
    workspaceId: logs.outputs.workspaceId
  }
}

module redis 'modules/redis.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    sku: redisSku
    highAvailability: redisHighAvailability
    privateNetwork: privateNetwork
    workspaceId: logs.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: shortName
    location: location
    tags: tags
    privateNetwork: privateNetwork
    workspaceId: logs.outputs.workspaceId
    appIdentityId: appIdentityId
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  params: {
    name: name
    location: location
    tags: tags
    sqlServer: name
    redis: name
    dataStorage: dataStorage
    hostStorage: hostStorage
    vault: shortName
    registry: shortName
  }
  dependsOn: [database, redis, registry, storage, vault]
}

module app 'modules/app.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    image: image
    stagingImage: stagingImage
    minimumInstances: minimumInstances
    maximumInstances: maximumInstances
    traceShare: traceShare
    firebaseProject: firebaseProject
    identityName: appIdentity
    clientId: identities.outputs.appClientId
    deployIdentityId: deployIdentityId
    deployPrincipalId: identities.outputs.deployPrincipalId
    insightsName: name
    workspaceId: logs.outputs.workspaceId
    registryServer: registry.outputs.server
    hostStorageName: hostStorage
    dataStorageUrl: storage.outputs.dataUrl
    sqlServer: database.outputs.server
    sqlDatabase: database.outputs.database
    redisHost: redis.outputs.host
    redisPort: redis.outputs.port
    vaultUri: vault.outputs.uri
    subnetId: privateNetwork ? appSubnetId : null
  }
  dependsOn: [network]
}

module factory 'modules/factory.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    storageName: dataStorage
    storageUrl: storage.outputs.dataUrl
    sqlServer: database.outputs.server
    sqlDatabase: database.outputs.database
    sqlId: resourceId('Microsoft.Sql/servers', name)
    privateNetwork: privateNetwork
    workspaceId: logs.outputs.workspaceId
  }
  dependsOn: [network]
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    email: alertEmail
    workspaceId: logs.outputs.workspaceId
    insightsId: logs.outputs.insightsId
    gigabytesPerDay: logGigabytesPerDay
    url: app.outputs.url
    appId: app.outputs.id
    planId: app.outputs.planId
    databaseId: database.outputs.databaseId
    sqlSku: sqlSku
    redisId: redis.outputs.id
    factoryId: factory.outputs.id
    availabilityTest: availabilityTest
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

// Named as the variables of the scripts; azd puts them into its environment.
output URL string = app.outputs.url
output STAGING_URL string = app.outputs.stagingUrl
output GROUP string = resourceGroup().name
output APP string = name
output APP_IDENTITY string = appIdentity
output APP_PRINCIPAL_ID string = identities.outputs.appPrincipalId
output DEPLOY_IDENTITY string = deployIdentity
output DEPLOY_PRINCIPAL_ID string = identities.outputs.deployPrincipalId
output DEPLOY_CLIENT_ID string = identities.outputs.deployClientId
output PLAN_IDENTITY string = planIdentity
output PLAN_CLIENT_ID string = plan.?outputs.clientId ?? ''
output FACTORY string = name
output FACTORY_PRINCIPAL_ID string = factory.outputs.principalId
output REGISTRY string = registry.outputs.server
output STORAGE string = dataStorage
output SQL_SERVER string = database.outputs.server
output DATABASE string = database.outputs.database
output VAULT string = shortName
