"""infra/main.bicepparam makes the parameters of a deployment from environment variables."""

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from checks.programs import BICEP
from local.hosted import REPOSITORY

AZD = {
    "AZURE_ENV_NAME": "example",
    "AZURE_LOCATION": "westeurope",
    "AZURE_PRINCIPAL_ID": "00000000-0000-0000-0000-00000000000b",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000001",
    "AZURE_RESOURCE_GROUP": "example",
}
"""What azd sets before its first hook, when it compiles the file."""

pytestmark = pytest.mark.usefixtures("bicep")


@cache
def build(**variables: str) -> subprocess.CompletedProcess[str]:
    system = {name: os.environ[name] for name in ("HOME", "PATH")}
    return subprocess.run(
        [BICEP.path(), "build-params", "infra/main.bicepparam", "--stdout"],
        cwd=REPOSITORY,
        env=system | AZD | variables,
        text=True,
        capture_output=True,
        check=False,
    )


def parameters(**variables: str) -> Mapping[str, Any]:
    done = build(**variables)
    assert done.returncode == 0, done.stderr
    given = json.loads(json.loads(done.stdout)["parametersJson"])["parameters"]
    return {name: parameter["value"] for name, parameter in given.items()}


def test_azd_s_own_variables_are_enough_to_compile() -> None:
    given = parameters()
    assert given["environment"] == "dev"
    assert given["image"] == given["stagingImage"]
    assert given["image"].startswith("mcr.microsoft.com/azure-functions/python:4-python3.13")
    assert given["sqlAdministrators"] == {
        "name": "",
        "objectId": AZD["AZURE_PRINCIPAL_ID"],
        "type": "User",
    }


def test_the_base_image_is_that_of_the_dockerfile() -> None:
    dockerfile = (REPOSITORY / "Dockerfile").read_text("utf-8")
    assert f"FROM {parameters()['image']}" in dockerfile


def test_the_slot_gets_the_image_of_the_app_unless_it_has_one() -> None:
    assert parameters(IMAGE="r/i:1")["stagingImage"] == "r/i:1"
    assert parameters(IMAGE="r/i:2", STAGING_IMAGE="r/i:1")["stagingImage"] == "r/i:1"


def test_a_variable_that_is_empty_means_the_default() -> None:
    """As GitHub hands over a variable that is not set."""
    names = dict.fromkeys(("ENVIRONMENT", "IMAGE", "SQL_ADMIN_TYPE", "SQL_SKU"), "")
    assert parameters(**names) == parameters()


def test_an_environment_has_its_sizes_and_each_can_be_overridden() -> None:
    given = parameters(ENVIRONMENT="prod", MAXIMUM_INSTANCES="4", REDIS_HIGH_AVAILABILITY="false")
    assert (given["sqlSku"], given["minimumInstances"]) == ("S3", 2)
    assert (given["maximumInstances"], given["redisHighAvailability"]) == (4, False)


OVERRIDES = {
    "ENVIRONMENT": ("environment", "prod"),
    "IMAGE": ("image", "r/i:1"),
    "STAGING_IMAGE": ("stagingImage", "r/i:2"),
    "FIREBASE_PROJECT_ID": ("firebaseProject", "project"),
    "ALERT_EMAIL": ("alertEmail", "a@example.com"),
    "PRIVATE_NETWORK": ("privateNetwork", True),
    "OIDC_SUBJECT": ("githubSubject", "repo:a/b"),
    "SQL_SKU": ("sqlSku", "S7"),
    "REDIS_SKU": ("redisSku", "Balanced_B5"),
    "REDIS_HIGH_AVAILABILITY": ("redisHighAvailability", False),
    "REGISTRY_SKU": ("registrySku", "Premium"),
    "MINIMUM_INSTANCES": ("minimumInstances", 3),
    "MAXIMUM_INSTANCES": ("maximumInstances", 4),
    "TRACE_SHARE": ("traceShare", "0.5"),
    "LOG_GIGABYTES_PER_DAY": ("logGigabytesPerDay", 6),
    "AVAILABILITY_TEST": ("availabilityTest", False),
    "MONTHLY_BUDGET": ("monthlyBudget", 7),
    "BUDGET_START": ("budgetStart", "2026-01-01"),
}
"""Each variable that is a parameter: its name, and a value that is not the default of prod."""
OF_THE_ADMINISTRATOR = {
    "SQL_ADMIN_NAME": "name",
    "SQL_ADMIN_OBJECT_ID": "objectId",
    "SQL_ADMIN_TYPE": "type",
}


def test_each_variable_sets_its_own_parameter() -> None:
    variables = {name: str(value) for name, (_, value) in OVERRIDES.items()}
    administrator = {"SQL_ADMIN_NAME": "n", "SQL_ADMIN_OBJECT_ID": "o", "SQL_ADMIN_TYPE": "Group"}
    given = dict(parameters(**variables, **administrator))
    assert given.pop("sqlAdministrators") == {
        OF_THE_ADMINISTRATOR[name]: value for name, value in administrator.items()
    }
    assert given == dict(OVERRIDES.values())


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ENVIRONMENT": "test"}, "'dev' | 'prod'"),
        ({"SQL_ADMIN_TYPE": "Robot"}, "'Group' | 'User'"),
        ({"MAXIMUM_INSTANCES": "many"}, "cannot convert provided value 'many' to integer"),
    ],
)
def test_a_wrong_value_is_refused_here_and_not_in_azure(
    variables: dict[str, str], message: str
) -> None:
    done = build(**variables)
    assert done.returncode
    assert message in done.stderr
