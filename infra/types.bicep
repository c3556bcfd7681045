// Types of parameters that more than one file declares.

@export()
type environmentName = 'dev' | 'prod'

type principalType = 'User' | 'Group'

@description('The Entra user or group that administers the database.')
@export()
type administrator = {
  name: string
  objectId: string
  type: principalType
}

@description('The tags of every resource.')
@export()
type resourceTags = {
  product: string
  environment: string
}
