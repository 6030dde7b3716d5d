#pragma once

#include <optional>

#include <boost/beast/http/message.hpp>

#include "datahub/serve/message.h"

namespace datahub::serve {

using Head = boost::beast::http::request_header<>;

// Method, path and query of a request. The answer that refuses it, if it is not of a form that every server reads alike.
std::optional<Response> ReadHead(const Head& head, Request* request);

// Where nobody shows a token, what a browser brings from a page of another place is refused: such a page may post to this
// machine (Origin is not the Host), or have its own name lead here (Host is neither an address nor localhost).
std::optional<Response> RefuseOtherPlaces(const Head& head);

}  // namespace datahub::serve
