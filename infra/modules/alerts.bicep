// Alerts and who receives them. The queries are in ../monitoring/alerts and can be run by hand.
import { resourceTags } from '../types.bicep'

@description('A query of ../monitoring/alerts; it fires if the average of `column` crosses the threshold.')
type queryRule = {
  name: string
  title: string
  query: string
  column: string
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  window: 'PT5M' | 'PT15M' | 'P1D'
  frequency: 'PT5M' | 'PT1H'
  severity: 1 | 2 | 3
}

param name string
param location string
param tags resourceTags
param email string
param workspaceId string
param gigabytesPerDay int

var rules queryRule[] = [
  {
    name: 'server-errors'
    title: 'Answers of 5xx'
    query: loadTextContent('../monitoring/alerts/server-errors.kql')
    column: 'answers'
    operator: 'GreaterThan'
    threshold: 20
    window: 'PT5M'
    frequency: 'PT5M'
    severity: 1
  }
  {
    name: 'slow-hits'
    title: 'Hits are slow'
    query: loadTextContent('../monitoring/alerts/slow-hits.kql')
    column: 'milliseconds'
    operator: 'GreaterThan'
    threshold: 500
    window: 'PT15M'
    frequency: 'PT5M'
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
    frequency: 'PT5M'
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
    frequency: 'PT5M'
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
    frequency: 'PT5M'
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
    frequency: 'PT5M'
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
    frequency: 'PT5M'
    severity: 3
  }
  {
    name: 'daily-cap'
    title: 'The log accepts nothing until tomorrow'
    query: loadTextContent('../monitoring/alerts/daily-cap.kql')
    column: 'times'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT15M'
    frequency: 'PT5M'
    severity: 1
  }
  {
    name: 'log-volume'
    title: 'The log has nearly reached its daily cap'
    query: loadTextContent('../monitoring/alerts/log-volume.kql')
    column: 'megabytes'
    operator: 'GreaterThan'
    threshold: gigabytesPerDay * 800
    window: 'P1D'
    frequency: 'PT1H'
    severity: 2
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
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      // A new workspace has no tables yet: the queries bear that, but their validation does not.
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

output operatorsId string = operators.id
