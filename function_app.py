"""The Function App: every route at a glance. Wiring only."""

from shared.handlers import docs, features, sign_in, system
from shared.http.app import create_app
from shared.http.route import Access, Route
from shared.services import Services
from shared.settings import Settings

GET, POST = ("GET", "HEAD"), ("POST",)
PUBLIC, USER, EDITOR, ADMIN = Access.PUBLIC, Access.USER, Access.EDITOR, Access.ADMIN
LOCAL_OR_ADMIN = Access.LOCAL_OR_ADMIN

ROUTES = (
    Route("signup", "signup", POST, PUBLIC, sign_in.sign_up),
    Route("login", "login", POST, PUBLIC, sign_in.log_in),
    Route("token", "token", POST, PUBLIC, sign_in.refresh),
    Route("logout", "logout", POST, USER, sign_in.log_out),
    Route("features", "features", GET, PUBLIC, features.read_all),
    Route("features_custom", "features/custom", GET, PUBLIC, features.read_genre),
    Route("features_new", "features/new", POST, EDITOR, features.create),
    Route("cache_purge", "cache/purge", POST, ADMIN, features.purge),
    Route("cache_status", "cache/status", GET, LOCAL_OR_ADMIN, system.status),
    Route("greeting", "/", GET, USER, system.greet),
    Route("version", "api/version", GET, PUBLIC, system.version),
    Route("health", "api/health", GET, PUBLIC, system.health),
    Route("openapi", "openapi.json", GET, PUBLIC, docs.openapi),
    Route("docs", "docs", GET, PUBLIC, docs.documentation),
    Route("docs_file", "docs/{file}", GET, PUBLIC, docs.file),
)

services = Services(Settings.load())
app = create_app(ROUTES, services, loaded=services.prepare_in_background)
