#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace datahub::serve {

// A coroutine that sleeps until somebody wakes it. Of the server's thread.
struct Sleeper {
  explicit Sleeper(const boost::asio::any_io_executor& executor)
      : timer(executor, boost::asio::steady_timer::time_point::max()) {}
  void Wake() {
    awake = true;
    timer.cancel();
  }
  boost::asio::steady_timer timer;
  bool awake = false;
};

}  // namespace datahub::serve
