#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "datahub/lake/table_writer.h"
#include "datahub/lake/test_rows.h"
#include "datahub/storage/store.h"

namespace datahub::lake {

// A lake in a folder that is gone afterwards.
class TestLake {
 public:
  TestLake();
  ~TestLake();

  storage::Store& store() { return *store_; }
  const std::string& folder() const { return folder_; }
  // Paths of all unseen files.
  std::vector<std::string> UnseenFiles() const;

 private:
  std::string folder_;
  std::unique_ptr<storage::Store> store_;
};

// The table `t` of TestSchema(), partitioned so.
TableSpec TestTable(const std::vector<std::string>& partition_by);

// Rows with every shape of value; offsets count up.
class RandomRows {
 public:
  explicit RandomRows(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t limit) { return random_() % limit; }
  TestRow Row();
  std::vector<TestRow> Rows(size_t count);

 private:
  std::mt19937_64 random_;
  uint64_t next_offset_ = 1;
};

}  // namespace datahub::lake
