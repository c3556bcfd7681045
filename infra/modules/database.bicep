// Azure SQL, with Entra sign-in only.
type principalType = 'User' | 'Group'
type administrator = {
  name: string
  objectId: string
  type: principalType
}
type resourceTags = {
  product: string
  environment: string
}

param name string
param location string
param tags resourceTags
param sku string
param administrators administrator
param privateNetwork bool
param deployIdentityId string
param deployPrincipalId string
param workspaceId string

var roles = loadJsonContent('../roles.json')
var audited = [
  'SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP'
  'FAILED_DATABASE_AUTHENTICATION_GROUP'
  'DATABASE_ROLE_MEMBER_CHANGE_GROUP'
  'DATABASE_PERMISSION_CHANGE_GROUP'
  'DATABASE_PRINCIPAL_CHANGE_GROUP'
]

resource server 'Microsoft.Sql/servers@2025-01-01' = {
  // checkov:skip=CKV_AZURE_113:who migrates comes from the internet, without a network all others too; access needs a role in Entra
  name: name
  location: location
  tags: tags
  properties: {
    minimalTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
    administrators: {
      administratorType: 'ActiveDirectory'
      principalType: administrators.type
      login: administrators.name
      sid: administrators.objectId
      tenantId: subscription().tenantId
      azureADOnlyAuthentication: true
    }
  }
}

// 0.0.0.0 means: from within Azure, any tenant's. Functions without a network, Data Factory and GitHub's
// runners have no fixed addresses. In a private network only the machine that migrates the
// database gets a rule, for that time.
resource azure 'Microsoft.Sql/servers/firewallRules@2025-01-01' = if (!privateNetwork) {
  parent: server
  name: 'AllowAllWindowsAzureIps'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

resource database 'Microsoft.Sql/servers/databases@2025-01-01' = {
  // checkov:skip=CKV_AZURE_229:zones come with dearer tiers
  parent: server
  name: 'smart-cache'
  location: location
  tags: tags
  sku: {
    name: sku
  }
  properties: {
    // The collation that the migrations were tested with; keys carry their own.
    collation: 'SQL_Latin1_General_CP1_CI_AS'
    requestedBackupStorageRedundancy: 'Local'
    zoneRedundant: false
  }
}

// In a private network the workflow makes the firewall's rule for its runner, and removes it again.
resource opens 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (privateNetwork) {
  scope: server
  name: guid(server.id, deployIdentityId, roles.SqlSecurityManager)
  properties: {
    principalId: deployPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.SqlSecurityManager
    )
  }
}

// Sign-ins and changes of rights. Auditing every statement would log each poll of the versions.
resource auditing 'Microsoft.Sql/servers/auditingSettings@2025-01-01' = {
  parent: server
  name: 'default'
  properties: {
    state: 'Enabled'
    isAzureMonitorTargetEnabled: true
    retentionDays: 90
    auditActionsAndGroups: audited
  }
  // While the server gives its policy to a database that is being made, Azure refuses another change of
  // it: ServerBlobAuditingPolicyInProgress.
  dependsOn: [
    database
  ]
}

resource threats 'Microsoft.Sql/servers/securityAlertPolicies@2025-01-01' = {
  parent: server
  name: 'Default'
  properties: {
    state: 'Enabled'
    emailAccountAdmins: true
  }
  dependsOn: [
    auditing
  ]
}

resource master 'Microsoft.Sql/servers/databases@2025-01-01' existing = {
  parent: server
  name: 'master'
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: master
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'SQLSecurityAuditEvents'
        enabled: true
      }
    ]
  }
}

#disable-next-line use-recent-api-versions // a preview since 2021, and the newest with this shape
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: database
  name: 'logs'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'Errors'
        enabled: true
      }
      {
        category: 'Timeouts'
        enabled: true
      }
      {
        category: 'Blocks'
        enabled: true
      }
      {
        category: 'Deadlocks'
        enabled: true
      }
    ]
  }
}

output server string = server.properties.fullyQualifiedDomainName
output database string = database.name
output databaseId string = database.id
