// The workbook: hits, latency, errors, fills, faults, genres.
import { resourceTags } from '../types.bicep'

param location string
param tags resourceTags
param workspaceId string

var parts = [
  {
    name: 'cache-effectiveness'
    title: 'What answered the reads'
    query: loadTextContent('../monitoring/workbook/cache-effectiveness.kql')
    visualization: 'areachart'
  }
  {
    name: 'latency-by-outcome'
    title: 'Latency by outcome'
    query: loadTextContent('../monitoring/workbook/latency-by-outcome.kql')
    visualization: 'table'
  }
  {
    name: 'errors'
    title: 'Errors'
    query: loadTextContent('../monitoring/workbook/errors.kql')
    visualization: 'barchart'
  }
  {
    name: 'cost-of-fills'
    title: 'Cost of fills'
    query: loadTextContent('../monitoring/workbook/cost-of-fills.kql')
    visualization: 'table'
  }
  {
    name: 'faults'
    title: 'What the cache had to bridge'
    query: loadTextContent('../monitoring/workbook/faults.kql')
    visualization: 'barchart'
  }
  {
    name: 'top-genres'
    title: 'Top genres'
    query: loadTextContent('../monitoring/workbook/top-genres.kql')
    visualization: 'table'
  }
]

var queries = [
  for part in parts: {
    type: 3
    name: part.name
    content: {
      version: 'KqlItem/1.0'
      query: part.query
      title: part.title
      size: 0
      timeContextFromParameter: 'span'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      visualization: part.visualization
    }
  }
]

var span = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    parameters: [
      {
        id: '6f0b7f7c-8e0f-4a55-9d6b-5b8d0d1c9c11'
        version: 'KqlParameterItem/1.0'
        name: 'span'
        label: 'Time'
        type: 4
        isRequired: true
        value: {
          durationMs: 14400000
        }
        typeSettings: {
          selectableValues: [
            {
              durationMs: 3600000
            }
            {
              durationMs: 14400000
            }
            {
              durationMs: 86400000
            }
            {
              durationMs: 604800000
            }
          ]
        }
      }
    ]
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'smart-cache')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Smart Cache'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([span], queries)
      fallbackResourceIds: [workspaceId]
    })
  }
}
