"""The Model Context Protocol over HTTP (``/mcp``) and over stdio, spoken by its official SDK.

Articles are resources; their text is the one that all offsets, in code points, count in. The HTTP server keeps no
sessions: each POST is answered by itself with JSON, so that any worker can answer any request.
"""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from api.chat.mcp_tools import TOOLS, Access, Tool, find_article
from api.http.errors import Problem, explained
from api.runtime.workers import ClientGoneError
from index.article import ARTICLE_ID
from index.storage.filters import Filters

_NAME = "pullquote"
_RESOURCE = "pullquote://articles/"
_PAGE = 100
_INSTRUCTIONS = (
    "Answers questions about a collection of articles with their exact words. Every answer is a slice of an article "
    "and has a citation: quote it as it stands and name its source. When 'answerable' is false no article answers: say "
    "so. A follow-up question needs the conversation as 'history'."
)

Context = ServerRequestContext[Any, Any]


class Protocol:
    """The handlers of a server. ``reach`` gives the access for one request."""

    def __init__(self, reach: Callable[[Any], Access]) -> None:
        """``reach`` takes the HTTP request, None over stdio."""
        self._reach = reach

    async def list_tools(self, _: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """What can be called."""
        return types.ListToolsResult(tools=[_described(name, tool) for name, tool in TOOLS.items()])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Call a tool. What is wrong with the arguments is a result that a model can read and mend."""
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"there is no tool {params.name!r}: use one of {', '.join(TOOLS)}")
        try:
            given = tool.takes.model_validate(params.arguments or {})
            outcome = await tool.call(self._reach(context.request), given)
        except ValidationError as error:
            return _failed(explained(error.errors()).detail)
        except Problem as problem:
            return _failed(problem.detail)
        except ClientGoneError:
            return _failed("the client has left")
        links = [
            types.ResourceLink(uri=_RESOURCE + article_id, name=article_id, title=title, mime_type="text/plain")
            for article_id, title in outcome.articles.items()
        ]
        return types.CallToolResult(
            content=[types.TextContent(text=outcome.text), *links],
            structured_content=outcome.content.model_dump(mode="json"),
        )

    async def list_resources(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """The articles, a page at a time; the cursor is the id of the last one."""
        after = (params and params.cursor) or ""
        if after and not ARTICLE_ID.fullmatch(after):
            raise MCPError(types.INVALID_PARAMS, "it is no cursor of this server: take nextCursor of the page before")
        try:
            access = self._reach(context.request)
            found = await access.read(lambda service: service.articles(Filters(), after, _PAGE + 1))
        except Problem as problem:
            raise MCPError(types.INTERNAL_ERROR, problem.detail) from None
        page = found[:_PAGE]
        resources = [
            types.Resource(uri=_RESOURCE + article.id, name=article.id, title=article.title, mime_type="text/plain")
            for article in page
        ]
        return types.ListResourcesResult(resources=resources, next_cursor=page[-1].id if len(found) > _PAGE else None)

    async def list_resource_templates(
        self, _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """How the address of an article is made."""
        template = types.ResourceTemplate(
            uri_template=f"{_RESOURCE}{{article_id}}", name="article", title="Article", mime_type="text/plain"
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """The text of an article."""
        uri = str(params.uri)
        try:
            article = await find_article(self._reach(context.request), uri.removeprefix(_RESOURCE))
        except Problem as problem:
            code = types.INVALID_PARAMS if problem.status_code == 404 else types.INTERNAL_ERROR
            raise MCPError(code, problem.detail, {"uri": uri}) from None
        contents = types.TextResourceContents(uri=uri, mime_type="text/plain", text=article.text)
        return types.ReadResourceResult(contents=[contents])


def make_server(reach: Callable[[Any], Access]) -> Server[Any]:
    """A server for any transport."""
    handlers = Protocol(reach)
    return Server(
        _NAME,
        title="Pullquote",
        version=version("pullquote"),
        instructions=_INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_resource_templates,
        on_read_resource=handlers.read_resource,
    )


def make_manager(reach: Callable[[Any], Access]) -> StreamableHTTPSessionManager:
    """What answers HTTP requests while it runs."""
    return StreamableHTTPSessionManager(make_server(reach), json_response=True, stateless=True)


async def serve_stdio(access: Access) -> None:
    """Speak over stdin and stdout until stdin ends. Nothing else gets to stdout meanwhile."""
    server = make_server(lambda _: access)
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


def _described(name: str, tool: Tool) -> types.Tool:
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=message)], is_error=True)
