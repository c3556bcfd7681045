// Example values, for the committed snapshot of what a deployment makes: `make snapshot`.
using '../main.bicep'
import { sizesOf } from '../sizes.bicep'

var sizes = sizesOf.dev

param environment = 'dev'
param image = 'example.azurecr.io/smart-cache:current'
param stagingImage = 'example.azurecr.io/smart-cache:previous'
param sqlAdministrators = {
  name: 'database-administrators'
  objectId: '00000000-0000-0000-0000-00000000000a'
  type: 'Group'
}
param firebaseProject = 'smart-cache-dev'
param alertEmail = 'operators@example.com'
param githubSubject = 'repo:example@1/smart-cache@2'

param sqlSku = sizes.sqlSku
param redisSku = sizes.redisSku
param redisHighAvailability = sizes.redisHighAvailability
param registrySku = sizes.registrySku
param minimumInstances = sizes.minimumInstances
param maximumInstances = sizes.maximumInstances
param traceShare = sizes.traceShare
param logGigabytesPerDay = sizes.logGigabytesPerDay
param availabilityTest = sizes.availabilityTest
param monthlyBudget = sizes.monthlyBudget
param budgetStart = '2026-11-01'
