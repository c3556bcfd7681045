// Alerts on metrics of the resources, which Azure measures by itself.
import { resourceTags } from '../types.bicep'

@description('A metric of one resource; `perInstance`: of each of its instances by itself.')
type metricRule = {
  name: string
  description: string
  scope: string
  type: string
  metric: string
  perInstance: bool
  aggregation: 'Average' | 'Maximum' | 'Total'
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  severity: 1 | 2
}

param name string
param tags resourceTags
param operatorsId string
param appId string
param planId string
param databaseId string
param sqlSku string
param redisId string
param factoryId string

// Each looks at a quarter of an hour, every five minutes.
var metrics metricRule[] = [
  {
    name: 'unhealthy'
    description: '/api/health of an instance has failed for most of a quarter of an hour. A release takes less.'
    scope: appId
    type: 'Microsoft.Web/sites'
    metric: 'HealthCheckStatus'
    perInstance: true
    aggregation: 'Average'
    operator: 'LessThan'
    threshold: 50
    severity: 1
  }
  {
    name: 'failed-loads'
    description: 'A run of the pipeline failed; its message says why, and nothing of it was stored.'
    scope: factoryId
    type: 'Microsoft.DataFactory/factories'
    metric: 'PipelineFailedRuns'
    perInstance: false
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
    severity: 2
  }
  {
    name: 'sql-load'
    description: 'The database uses four fifths of what its tier allows.'
    scope: databaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: contains(sqlSku, '_') ? 'cpu_percent' : 'dtu_consumption_percent'
    perInstance: false
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 80
    severity: 2
  }
  {
    name: 'redis-memory'
    description: 'Redis is nearly full; then it evicts lists.'
    scope: redisId
    type: 'Microsoft.Cache/redisEnterprise'
    metric: 'usedmemorypercentage'
    perInstance: false
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 80
    severity: 2
  }
  {
    name: 'plan-cpu'
    description: 'The instances are busy, and the platform adds none.'
    scope: planId
    type: 'Microsoft.Web/serverfarms'
    metric: 'CpuPercentage'
    perInstance: false
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 85
    severity: 2
  }
  {
    name: 'plan-memory'
    description: 'An instance has little memory left.'
    scope: planId
    type: 'Microsoft.Web/serverfarms'
    metric: 'MemoryPercentage'
    perInstance: true
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 90
    severity: 2
  }
]

resource alerts 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for rule in metrics: {
    name: '${name}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${rule.description} docs/operations.md says what to do.'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.type
            metricName: rule.metric
            // Azure would look for the metric on the resource, and knows those of a new one only some
            // minutes after it was made.
            skipMetricValidation: true
            dimensions: rule.perInstance
              ? [{ name: 'Instance', operator: 'Include', values: ['*'] }]
              : []
            operator: rule.operator
            threshold: rule.threshold
            timeAggregation: rule.aggregation
          }
        ]
      }
      actions: [
        {
          actionGroupId: operatorsId
        }
      ]
    }
  }
]
