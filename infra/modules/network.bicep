// With the option privateNetwork: the network through which the app reaches what it uses. Callers
// still come from the internet. docs/network.md has the picture, and what it costs.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
param sqlServer string
param redis string
param dataStorage string
param hostStorage string
param vault string
param registry string

// A network that is later to be joined to another needs addresses that the other does not have; these
// cannot be changed while anything is in them.
var addresses = '10.83.0.0/24'
// 59 are free, one for each instance of the plan; twice as many are in use while the plan changes its
// size. Azure takes five of each subnet.
var appAddresses = cidrSubnet(addresses, 26, 0)
var endpointAddresses = cidrSubnet(addresses, 26, 1)

// The zones are those of Azure's public cloud. environment() would name those of other clouds too, but
// nothing evaluates it before the deployment, and neither what-if nor a snapshot would show the loops.
#disable-next-line no-hardcoded-env-urls
var sqlZone = 'privatelink.database.windows.net'
var redisZone = 'privatelink.redis.azure.net'
#disable-next-line no-hardcoded-env-urls
var blobZone = 'privatelink.blob.core.windows.net'
var vaultZone = 'privatelink.vaultcore.azure.net'
var registryZone = 'privatelink.azurecr.io'
var zoneNames = [sqlZone, redisZone, blobZone, vaultZone, registryZone]

// The app's identity may use nothing but blobs of the host's account, so there is no endpoint for its
// queues and tables.
var targets = [
  {
    name: 'sql'
    type: 'Microsoft.Sql/servers'
    resource: sqlServer
    group: 'sqlServer'
    zone: sqlZone
  }
  {
    name: 'redis'
    type: 'Microsoft.Cache/redisEnterprise'
    resource: redis
    group: 'redisEnterprise'
    zone: redisZone
  }
  {
    name: 'data'
    type: 'Microsoft.Storage/storageAccounts'
    resource: dataStorage
    group: 'blob'
    zone: blobZone
  }
  {
    name: 'host'
    type: 'Microsoft.Storage/storageAccounts'
    resource: hostStorage
    group: 'blob'
    zone: blobZone
  }
  {
    name: 'vault'
    type: 'Microsoft.KeyVault/vaults'
    resource: vault
    group: 'vault'
    zone: vaultZone
  }
  {
    name: 'registry'
    type: 'Microsoft.ContainerRegistry/registries'
    resource: registry
    group: 'registry'
    zone: registryZone
  }
]

// To the internet only HTTPS: Firebase, Entra, Application Insights.
resource appRules 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: '${name}-app'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'HttpsToTheInternet'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: appAddresses
          sourcePortRange: '*'
          destinationAddressPrefix: 'Internet'
          destinationPortRange: '443'
        }
      }
      {
        name: 'NothingElseToTheInternet'
        properties: {
          priority: 200
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Internet'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource endpointRules 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: '${name}-endpoints'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'TheApp'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: appAddresses
          sourcePortRange: '*'
          destinationAddressPrefix: endpointAddresses
          // HTTPS, SQL and Redis. SQL may redirect a session to any port from 1433 upwards.
          destinationPortRanges: ['443', '1433-65535']
        }
      }
      {
        name: 'NobodyElse'
        properties: {
          priority: 200
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addresses]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: appAddresses
          networkSecurityGroup: {
            id: appRules.id
          }
          delegations: [
            {
              name: 'functions'
              properties: {
                serviceName: 'Microsoft.Web/serverFarms'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointAddresses
          defaultOutboundAccess: false
          // By default no rule applies to a private endpoint.
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
          networkSecurityGroup: {
            id: endpointRules.id
          }
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, i) in zoneNames: {
    parent: zones[i]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

// One by one: each updates the subnet, and Azure refuses to attach another meanwhile.
@batchSize(1)
resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for target in targets: {
    name: '${name}-${target.name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network::endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: target.name
          properties: {
            privateLinkServiceId: resourceId(target.type, target.resource)
            groupIds: [target.group]
          }
        }
      ]
    }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (target, i) in targets: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: target.name
          properties: {
            privateDnsZoneId: zones[indexOf(zoneNames, target.zone)].id
          }
        }
      ]
    }
    dependsOn: [links]
  }
]
