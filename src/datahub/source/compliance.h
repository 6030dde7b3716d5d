#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/source.h"

// What every source must keep to, now and later, as one suite that its tests run:
//
//   EXPECT_THAT(RunCompliance([] { return std::make_unique<MyRig>(); })) is empty
namespace datahub::source {

// A source under test: a medium of its own, empty at first, and readers over it.
class Rig {
 public:
  virtual ~Rig() = default;
  // Puts records behind those that are there, complete: a reader may hand all of them out. They are single JSON texts or
  // arbitrary bytes without a line feed; none is blank. May spread them over shards, each shard keeping their order.
  virtual void Put(std::span<const std::string> records) = 0;
  virtual Result<std::unique_ptr<Reader>> Open(const std::map<std::string, std::string>& committed,
                                               const ReaderOptions& options) = 0;
  virtual std::string name() const = 0;  // the source's, as its chunks must say
  // False for encodings that cannot carry every byte (a JSON array cuts elements at their commas).
  virtual bool takes_any_bytes() const { return true; }
};
using RigFactory = std::function<std::unique_ptr<Rig>()>;

// A record as it was handed out.
struct Delivered {
  std::string shard;
  uint64_t offset = 0;
  std::string bytes;  // without its line end
  uint64_t cut_from = 0;
  auto operator<=>(const Delivered&) const = default;
};
// The records of a chunk, in order; blank lines are none.
std::vector<Delivered> RecordsOf(const record::Chunk& chunk);

struct ComplianceCase {
  std::string_view name;
  std::string_view proves;
  // What was wrong; empty = passed.
  std::vector<std::string> (*run)(const RigFactory& factory);
};
std::span<const ComplianceCase> ComplianceCases();

// All cases; failures as "case: what was wrong".
std::vector<std::string> RunCompliance(const RigFactory& factory);

}  // namespace datahub::source
