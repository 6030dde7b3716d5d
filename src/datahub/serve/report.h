#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/intake/log.h"
#include "datahub/pipeline/service.h"
#include "datahub/serve/server.h"

namespace datahub::serve {

// How a running server is: for people, for probes and for Prometheus.
struct Parts {
  const pipeline::Service& service;
  const intake::Log& log;
  const Server& server;
};

// {"pipelines": […], "intake": {…}, "server": {…}}
std::string StatusJson(const Parts& parts);

// What keeps it from being ready, a line each; empty: nothing.
std::string NotReady(const Parts& parts);

// One row of the table of metrics, docs/metrics.md.
struct MetricRow {
  std::string_view name;
  std::string_view type;  // "counter", "gauge"
  std::string_view help;
};
std::span<const MetricRow> MetricRows();

// Prometheus' text format, version 0.0.4: every row, with a value for each pipeline where it has the label.
std::string MetricsText(const Parts& parts);

}  // namespace datahub::serve
