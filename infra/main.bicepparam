// The parameters of every deployment, from environment variables; docs/deploy.md has the list. azd
// compiles this file before its first hook, when only its own variables are set.
using 'main.bicep'
import { sizesOf, valueOr } from 'sizes.bicep'

param environment = empty(readEnvironmentVariable('ENVIRONMENT', ''))
  ? 'dev'
  : readEnvironmentVariable('ENVIRONMENT', 'dev')

var sizes = sizesOf[environment]
var baseImage = 'mcr.microsoft.com/azure-functions/python:4-python3.13'

param image = valueOr(readEnvironmentVariable('IMAGE', ''), baseImage)
param stagingImage = valueOr(readEnvironmentVariable('STAGING_IMAGE', ''), image)
param sqlAdministrators = {
  name: readEnvironmentVariable('SQL_ADMIN_NAME', '')
  objectId: valueOr(
    readEnvironmentVariable('SQL_ADMIN_OBJECT_ID', ''),
    readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
  )
  type: empty(readEnvironmentVariable('SQL_ADMIN_TYPE', ''))
    ? 'User'
    : readEnvironmentVariable('SQL_ADMIN_TYPE', 'User')
}
// What must not be empty goes through a function: as an empty literal it would not compile before the hook.
param firebaseProject = valueOr(readEnvironmentVariable('FIREBASE_PROJECT_ID', ''), '')
param alertEmail = valueOr(readEnvironmentVariable('ALERT_EMAIL', ''), '')
param privateNetwork = bool(valueOr(readEnvironmentVariable('PRIVATE_NETWORK', ''), 'false'))
param githubSubject = readEnvironmentVariable('OIDC_SUBJECT', '')

param sqlSku = valueOr(readEnvironmentVariable('SQL_SKU', ''), sizes.sqlSku)
param redisSku = valueOr(readEnvironmentVariable('REDIS_SKU', ''), sizes.redisSku)
param redisHighAvailability = bool(valueOr(
  readEnvironmentVariable('REDIS_HIGH_AVAILABILITY', ''),
  string(sizes.redisHighAvailability)
))
param registrySku = valueOr(readEnvironmentVariable('REGISTRY_SKU', ''), sizes.registrySku)
param minimumInstances = int(valueOr(
  readEnvironmentVariable('MINIMUM_INSTANCES', ''),
  string(sizes.minimumInstances)
))
param maximumInstances = int(valueOr(
  readEnvironmentVariable('MAXIMUM_INSTANCES', ''),
  string(sizes.maximumInstances)
))
param traceShare = valueOr(readEnvironmentVariable('TRACE_SHARE', ''), sizes.traceShare)
param logGigabytesPerDay = int(valueOr(
  readEnvironmentVariable('LOG_GIGABYTES_PER_DAY', ''),
  string(sizes.logGigabytesPerDay)
))
param availabilityTest = bool(valueOr(
  readEnvironmentVariable('AVAILABILITY_TEST', ''),
  string(sizes.availabilityTest)
))
param monthlyBudget = int(valueOr(
  readEnvironmentVariable('MONTHLY_BUDGET', ''),
  string(sizes.monthlyBudget)
))
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
