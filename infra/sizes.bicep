// What an environment costs and carries; docs/costs.md explains each size.
type sizes = {
  sqlSku: 'Basic' | 'S0' | 'S1' | 'S2' | 'S3' | 'S4' | 'S6' | 'S7'
  redisSku:
    | 'Balanced_B0'
    | 'Balanced_B1'
    | 'Balanced_B3'
    | 'Balanced_B5'
    | 'Balanced_B10'
    | 'Balanced_B20'
  redisHighAvailability: bool
  registrySku: 'Basic' | 'Standard' | 'Premium'
  minimumInstances: int
  maximumInstances: int
  traceShare: string
  logGigabytesPerDay: int
  availabilityTest: bool
  monthlyBudget: int
}

@export()
var sizesOf { dev: sizes, prod: sizes } = {
  dev: {
    sqlSku: 'S0'
    redisSku: 'Balanced_B0'
    redisHighAvailability: false
    registrySku: 'Basic'
    minimumInstances: 1
    maximumInstances: 2
    traceShare: '1.0'
    logGigabytesPerDay: 1
    availabilityTest: false
    monthlyBudget: 450
  }
  prod: {
    sqlSku: 'S3'
    redisSku: 'Balanced_B1'
    redisHighAvailability: true
    registrySku: 'Standard'
    minimumInstances: 2
    maximumInstances: 10
    traceShare: '0.01'
    logGigabytesPerDay: 5
    availabilityTest: true
    monthlyBudget: 1000
  }
}

@description('The value of a variable, or the default if it is unset or empty, as an unset variable of a workflow is.')
@export()
func valueOr(value string, default string) string => empty(value) ? default : value
