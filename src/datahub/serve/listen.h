#pragma once

#include <string>

#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "datahub/base/result.h"
#include "datahub/serve/server.h"

namespace datahub::serve {

// Opens what connections come to. InvalidInput for an address that is none, or that others reach while there is no token;
// Unavailable when it is taken.
Result<void> ListenOnTcp(const ServerOptions& options, boost::asio::ip::tcp::acceptor& acceptor);
// Only the user who runs the server may open it. Its inode: who takes the project over has a socket of its own under that
// name, which RemoveControl leaves.
Result<ino_t> ListenOnControl(const ServerOptions& options, boost::asio::local::stream_protocol::acceptor& acceptor);
void RemoveControl(const std::string& path, ino_t mine);

// How many of the connections wanted there may be so that pipelines and the ledger never lack open files. Raises this process's
// limit of them as far as it may.
size_t ConnectionsThatFit(size_t wanted);

}  // namespace datahub::serve
