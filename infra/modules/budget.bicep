// A monthly budget of the resource group. It only sends e-mails: nothing is stopped.
param name string
param amount int
param start string
param email string

@description('Never given: only the default of a parameter may ask for the time.')
param firstOfThisMonth string = utcNow('yyyy-MM-01')

// Azure demands the current month for a new budget, and refuses another for one that exists.
var kept = empty(start) ? firstOfThisMonth : start

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: kept
    }
    notifications: {
      nearly: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [email]
      }
      exceeded: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Actual'
        contactEmails: [email]
      }
      expected: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 120
        thresholdType: 'Forecasted'
        contactEmails: [email]
      }
    }
  }
}
