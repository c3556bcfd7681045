// Alerts and who receives them. The queries are in ../monitoring/alerts and can be run by hand.
type resourceTags = {
  product: string
  environment: string
}

param name string
param location string
param tags resourceTags
param email string
param workspaceId string
param appId string
param factoryId string

var rules = [
  {
    name: 'server-errors'
    title: 'Answers of 5xx'
    query: loadTextContent('../monitoring/alerts/server-errors.kql')
    column: 'answers'
    operator: 'GreaterThan'
    threshold: 20
    window: 'PT5M'
    severity: 1
  }
  {
    name: 'slow-hits'
    title: 'Hits are slow'
    query: loadTextContent('../monitoring/alerts/slow-hits.kql')
    column: 'seconds'
    operator: 'GreaterThan'
    threshold: json('0.5')
    window: 'PT15M'
    severity: 2
  }
  {
    name: 'few-hits'
    title: 'Few reads are hits'
    query: loadTextContent('../monitoring/alerts/few-hits.kql')
    column: 'percent'
    operator: 'LessThan'
    threshold: 50
    window: 'PT15M'
    severity: 3
  }
  {
    name: 'redis-away'
    title: 'Redis is unavailable'
    query: loadTextContent('../monitoring/alerts/redis-away.kql')
    column: 'times'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT5M'
    severity: 2
  }
  {
    name: 'stale-answers'
    title: 'Lists are stale'
    query: loadTextContent('../monitoring/alerts/stale-answers.kql')
    column: 'answers'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT5M'
    severity: 1
  }
  {
    name: 'unknown-writes'
    title: 'Writes with an unknown outcome'
    query: loadTextContent('../monitoring/alerts/unknown-writes.kql')
    column: 'writes'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
    severity: 2
  }
  {
    name: 'rejected-logins'
    title: 'Many rejected logins'
    query: loadTextContent('../monitoring/alerts/rejected-logins.kql')
    column: 'logins'
    operator: 'GreaterThan'
    threshold: 200
    window: 'PT15M'
    severity: 3
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'smart-cache'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource queries 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    tags: tags
    properties: {
      displayName: rule.title
      description: 'infra/monitoring/alerts/${rule.name}.kql; docs/operations.md says what to do.'
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      // A new workspace has no tables yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Average'
            metricMeasureColumn: rule.column
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [operators.id]
      }
    }
  }
]

resource unhealthy 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${name}-unhealthy'
  location: 'global'
  tags: tags
  properties: {
    description: '/api/health of an instance reports that SQL is unavailable, or does not answer.'
    severity: 1
    enabled: true
    scopes: [appId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'health'
          metricName: 'HealthCheckStatus'
          operator: 'LessThan'
          threshold: 100
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [
      {
        actionGroupId: operators.id
      }
    ]
  }
}

resource failedLoads 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${name}-failed-loads'
  location: 'global'
  tags: tags
  properties: {
    description: 'A run of the pipeline failed; its message says why, and nothing of it was stored.'
    severity: 2
    enabled: true
    scopes: [factoryId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'failed'
          metricName: 'PipelineFailedRuns'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    actions: [
      {
        actionGroupId: operators.id
      }
    ]
  }
}
