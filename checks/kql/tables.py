"""The tables of the workspace with the columns that Microsoft's reference gives them.

https://learn.microsoft.com/azure/azure-monitor/reference/tables-index has a page for each table. A
table is added when a query uses it.
"""

from collections.abc import Mapping
from typing import Final

type Columns = Mapping[str, str]

# Columns that every table of Azure Monitor has.
STANDARD: Final = {
    "TimeGenerated": "datetime",
    "Type": "string",
    "SourceSystem": "string",
    "_BilledSize": "real",
    "_IsBillable": "string",
}

RESOURCE: Final = {**STANDARD, "TenantId": "string", "_ResourceId": "string"}

# Columns of every table that Application Insights fills.
APPLICATION: Final = {
    **RESOURCE,
    **dict.fromkeys(
        (
            "AppRoleInstance",
            "AppRoleName",
            "AppVersion",
            "ClientBrowser",
            "ClientCity",
            "ClientCountryOrRegion",
            "ClientIP",
            "ClientModel",
            "ClientOS",
            "ClientStateOrProvince",
            "ClientType",
            "IKey",
            "OperationId",
            "OperationName",
            "ParentId",
            "ResourceGUID",
            "SDKVersion",
            "SessionId",
            "SyntheticSource",
            "UserAccountId",
            "UserAuthenticatedId",
            "UserId",
            "_SubscriptionId",
        ),
        "string",
    ),
    "ItemCount": "int",
    "Properties": "dynamic",
}

REFERENCED: Final = {"ReferencedItemId": "string", "ReferencedType": "string"}

EXCEPTION_PARTS: Final = ("Assembly", "Message", "Method", "Type")

TABLES: Final[Mapping[str, Columns]] = {
    "AppAvailabilityResults": {
        **APPLICATION,
        "DurationMs": "real",
        "Id": "string",
        "Location": "string",
        "Measurements": "dynamic",
        "Message": "string",
        "Name": "string",
        "Success": "bool",
    },
    "AppDependencies": {
        **APPLICATION,
        **REFERENCED,
        "Data": "string",
        "DependencyType": "string",
        "DurationMs": "real",
        "Id": "string",
        "Measurements": "dynamic",
        "Name": "string",
        "ResultCode": "string",
        "Success": "bool",
        "Target": "string",
    },
    "AppExceptions": {
        **APPLICATION,
        "Assembly": "string",
        "Details": "dynamic",
        "ExceptionType": "string",
        "HandledAt": "string",
        **{f"Innermost{part}": "string" for part in EXCEPTION_PARTS},
        "Measurements": "dynamic",
        "Message": "string",
        "Method": "string",
        **{f"Outer{part}": "string" for part in EXCEPTION_PARTS},
        "ProblemId": "string",
        "SeverityLevel": "int",
    },
    "AppMetrics": {
        **APPLICATION,
        "Max": "real",
        "Min": "real",
        "Name": "string",
        "Sum": "real",
    },
    "AppRequests": {
        **APPLICATION,
        **REFERENCED,
        "DurationMs": "real",
        "Id": "string",
        "Measurements": "dynamic",
        "Name": "string",
        "ResultCode": "string",
        "Source": "string",
        "Success": "bool",
        "Url": "string",
    },
    "AppTraces": {
        **APPLICATION,
        **REFERENCED,
        "Measurements": "dynamic",
        "Message": "string",
        "SeverityLevel": "int",
    },
    "FunctionAppLogs": {
        **RESOURCE,
        **dict.fromkeys(
            (
                "ActivityId",
                "AppName",
                "Category",
                "EventName",
                "ExceptionDetails",
                "ExceptionMessage",
                "ExceptionType",
                "FunctionInvocationId",
                "FunctionName",
                "HostInstanceId",
                "HostVersion",
                "Level",
                "Location",
                "Message",
                "RoleInstance",
                "_SubscriptionId",
            ),
            "string",
        ),
        "EventId": "int",
        "LevelId": "int",
        "ProcessId": "int",
    },
    "Usage": {
        **STANDARD,
        "DataType": "string",
        "EndTime": "datetime",
        "IsBillable": "bool",
        "MeterId": "string",
        "Quantity": "real",
        "QuantityUnit": "string",
        "ResourceUri": "string",
        "Solution": "string",
        "StartTime": "datetime",
    },
    # A function of every workspace; without an argument it is named as a table is.
    "_LogOperation": {
        "TimeGenerated": "datetime",
        "Category": "string",
        "Computer": "string",
        "CorrelationId": "string",
        "Detail": "string",
        "Level": "string",
        "Operation": "string",
        "_ResourceId": "string",
    },
}


def schema(columns: Columns) -> str:
    """Return columns as KQL declares them."""
    return f"({', '.join(f'{name}:{kind}' for name, kind in columns.items())})"
