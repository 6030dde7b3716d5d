// The source keeps the promise of every source, in each of its forms.
#include <fmt/format.h>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {
namespace {

// Spreads records over two files, by lines.
class FilesRig : public Rig {
 public:
  void Put(std::span<const std::string> records) override {
    const size_t half = records.size() / 2;
    folder_.Append("in/a", Form(records.first(half)));
    folder_.Append("in/b", Form(records.subspan(half)));
  }
  Result<std::unique_ptr<Reader>> Open(const std::map<std::string, std::string>& committed,
                                       const ReaderOptions& options) override {
    return source::Open(
        {.name = "inbox", .kind = "files", .base_folder = folder_.root(), .options = {{"path", {"./in/*"}}}}, committed,
        options);
  }
  std::string name() const override { return "inbox"; }

 protected:
  virtual std::string Form(std::span<const std::string> records) { return Joined(records, "\n") + "\n"; }
  static std::string Joined(std::span<const std::string> records, std::string_view by) {
    std::string text;
    for (const std::string& record : records) text += (text.empty() ? "" : std::string(by)) + record;
    return text;
  }

 private:
  Folder folder_;
};

class ArrayRig final : public FilesRig {
  std::string Form(std::span<const std::string> records) override { return "[" + Joined(records, ",\n") + "]\n"; }
  bool takes_any_bytes() const override { return false; }
};
class GzipRig final : public FilesRig {
  std::string Form(std::span<const std::string> records) override { return Gzip(FilesRig::Form(records)); }
};
class ZstdRig final : public FilesRig {
  std::string Form(std::span<const std::string> records) override { return Zstd(FilesRig::Form(records)); }
};

template <class R>
std::vector<std::string> Failures() {
  return RunCompliance([] { return std::make_unique<R>(); });
}

TEST(FilesCompliance, Lines) { EXPECT_EQ(Failures<FilesRig>(), std::vector<std::string>()); }
TEST(FilesCompliance, JsonArrays) { EXPECT_EQ(Failures<ArrayRig>(), std::vector<std::string>()); }
TEST(FilesCompliance, Gzip) { EXPECT_EQ(Failures<GzipRig>(), std::vector<std::string>()); }
TEST(FilesCompliance, Zstd) { EXPECT_EQ(Failures<ZstdRig>(), std::vector<std::string>()); }

}  // namespace
}  // namespace datahub::source::files
