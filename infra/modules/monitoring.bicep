// What watches the resources: alerts, the availability test, the budget, and the workbook.
import { resourceTags } from '../types.bicep'

param name string
param location string
param tags resourceTags
param email string
param workspaceId string
param insightsId string
param gigabytesPerDay int
param url string
param appId string
param planId string
param databaseId string
param sqlSku string
param redisId string
param factoryId string
param availabilityTest bool
param monthlyBudget int
param budgetStart string

module alerts 'alerts.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    email: email
    workspaceId: workspaceId
    gigabytesPerDay: gigabytesPerDay
  }
}

module metrics 'metrics.bicep' = {
  params: {
    name: name
    tags: tags
    operatorsId: alerts.outputs.operatorsId
    appId: appId
    planId: planId
    databaseId: databaseId
    sqlSku: sqlSku
    redisId: redisId
    factoryId: factoryId
  }
}

module availability 'availability.bicep' = if (availabilityTest) {
  params: {
    name: name
    location: location
    tags: tags
    insightsId: insightsId
    operatorsId: alerts.outputs.operatorsId
    url: url
  }
}

module budget 'budget.bicep' = if (monthlyBudget > 0) {
  params: {
    name: name
    amount: monthlyBudget
    start: budgetStart
    email: email
  }
}

module workbook 'workbook.bicep' = {
  params: {
    location: location
    tags: tags
    workspaceId: workspaceId
  }
}
