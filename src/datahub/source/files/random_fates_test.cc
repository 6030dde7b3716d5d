// Random things done to files, readers that die at random chunks, against a model: every line that was ever written is
// delivered and committed exactly once.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "datahub/source/files/files_fixture.h"

namespace datahub::source::files {
namespace {

enum class Form { kLines, kGzip, kZstd, kArray };

class World {
 public:
  // `alike`: all files of lines begin with the same record, longer than what a file is known by.
  World(uint32_t seed, bool alike) : random_(seed), alike_(alike) {
    run_.options() = {.chunk_bytes = Pick(2) ? size_t(64) : size_t(1000), .record_bytes_max = 64 << 10};
  }

  void Step() {
    switch (Pick(11)) {
      case 0:
      case 1:
        Create();
        break;
      case 2:
      case 3:
      case 4:
        AppendTo();
        break;
      case 5:
        MoveAway();
        break;
      case 6:
        Rotate();
        break;
      case 7:
        Kill();
        break;
      case 8:
        Commit();
        break;
      case 9:
        ClearAway();
        break;
      case 10:
        Compress();
        break;
    }
    ReadSome(Pick(8));
  }

  void Finish() {
    for (File& file : files_) End(file);
    ReadSome(SIZE_MAX);
    Commit();
    std::ranges::sort(delivered_);
    std::ranges::sort(written_);
    Strings lost, twice;
    std::ranges::set_difference(written_, delivered_, std::back_inserter(lost));
    std::ranges::set_difference(delivered_, written_, std::back_inserter(twice));
    EXPECT_EQ(lost, Strings());
    EXPECT_EQ(twice, Strings());
  }

 private:
  struct File {
    std::string name;
    Form form = Form::kLines;
    bool amid_line = false;
    bool amid_array = false;
    bool empty = true;
  };

  size_t Pick(size_t below) { return random_() % below; }

  std::string NewRecord() {
    // Lengths from tiny to beyond what a file is known by.
    const size_t length = Pick(20) == 0 ? Pick(9000) : Pick(120);
    written_.push_back(fmt::format("{:07}{}", ++count_, std::string(length, 'x')));
    return "\"" + written_.back() + "\"";
  }
  std::string NewName() { return fmt::format("in/{}{}", static_cast<char>('a' + Pick(26)), ++count_); }

  void Create() {
    if (files_.size() < 8) AppendTo(files_.emplace_back(NewName(), static_cast<Form>(Pick(4))));
  }
  void AppendTo() {
    if (!files_.empty()) AppendTo(files_[Pick(files_.size())]);
  }

  void AppendTo(File& file) {
    std::string text;
    if (alike_ && file.form == Form::kLines && file.empty) {
      written_.push_back(std::string(5000, 'h'));
      text = "\"" + written_.back() + "\"\n";
    }
    file.empty = false;
    for (size_t records = 1 + Pick(12); records > 0; --records) {
      if (file.form == Form::kArray) {
        text += file.amid_array ? ",\n" : "[";
        file.amid_array = true;
        text += NewRecord();
      } else {
        text += NewRecord() + "\n";
      }
    }
    if (file.form == Form::kArray && Pick(2)) {
      text += "]\n";
      file.amid_array = false;
    }
    if (file.form == Form::kGzip) text = Gzip(text);
    if (file.form == Form::kZstd) text = Zstd(text);
    // The end comes a little later, seen or not.
    const size_t cut = Pick(3) ? text.size() : Pick(text.size());
    folder_.Append(file.name, text.substr(0, cut));
    if (cut < text.size()) ReadSome(Pick(4));
    folder_.Append(file.name, text.substr(cut));
  }

  void End(File& file) {
    if (file.amid_array) folder_.Append(file.name, "]\n");
    file.amid_array = false;
  }

  void MoveAway() {
    if (files_.empty()) return;
    File& file = files_[Pick(files_.size())];
    const std::string name = NewName();
    folder_.Rename(file.name, name);
    file.name = name;
  }

  // The name is a new file's, the old one goes on elsewhere.
  void Rotate() {
    if (files_.empty() || files_.size() >= 8) return;
    const std::string name = files_[Pick(files_.size())].name;
    for (File& file : files_) {
      if (file.name != name) continue;
      file.name = NewName();
      folder_.Rename(name, file.name);
    }
    AppendTo(files_.emplace_back(name, static_cast<Form>(Pick(4))));
  }

  // What is read and committed may go, or be emptied and begun anew.
  void ClearAway() {
    if (files_.empty()) return;
    for (File& file : files_) End(file);
    ReadSome(SIZE_MAX);
    Commit();
    const size_t which = Pick(files_.size());
    if (Pick(2)) {
      folder_.Remove(files_[which].name);
      files_.erase(files_.begin() + which);
    } else {
      folder_.Truncate(files_[which].name, 0);
      files_[which].empty = true;
      // Begun anew like before, it is a new file only for those who saw it empty.
      if (alike_ || Pick(2)) ReadSome(1);
      if (alike_) Commit();
      files_[which].form = static_cast<Form>(Pick(4));
      AppendTo(files_[which]);
    }
  }

  // As logrotate does: for a while the compressed file stands, begun or whole, beside the plain one.
  void Compress() {
    if (files_.empty()) return;
    File& file = files_[Pick(files_.size())];
    if (file.form != Form::kLines) return;
    std::ifstream plain(folder_.Path(file.name), std::ios::binary);
    const std::string packed = Gzip(std::string(std::istreambuf_iterator<char>(plain), {}));
    const std::string name = NewName();
    if (Pick(2)) {
      ReadSome(SIZE_MAX);
      // Less says too little of what it is.
      folder_.Write(name, packed.substr(0, packed.size() - Pick(8)));
      ReadSome(Pick(4));
    }
    folder_.Write(name, packed);
    folder_.Remove(file.name);
    file.name = name;
    file.form = Form::kGzip;
  }

  void ReadSome(size_t chunks) {
    if (!alive_) run_.Start();
    alive_ = true;
    for (; chunks > 0; --chunks) {
      Result<std::shared_ptr<record::Chunk>> chunk = run_.reader().Next();
      ASSERT_TRUE(chunk) << chunk.error().ToString();
      if (!*chunk) break;
      for (const Delivered& record : RecordsOf(**chunk)) {
        ASSERT_GE(record.bytes.size(), 2u);
        in_flight_.push_back(record.bytes.substr(1, record.bytes.size() - 2));
      }
      positions_[(*chunk)->shard] = (*chunk)->position_after;
    }
    for (const Notice& notice : run_.reader().TakeNotices()) {
      EXPECT_TRUE((alike_ || notice.kind != "copied") && notice.kind != "rewritten" && notice.kind != "damaged")
          << notice.kind << ": " << notice.message;
    }
  }

  void Commit() {
    for (const auto& [shard, position] : positions_) run_.committed()[shard] = position;
    delivered_.insert(delivered_.end(), in_flight_.begin(), in_flight_.end());
    positions_.clear();
    in_flight_.clear();
  }

  // The reader dies with what was not committed, sometimes after a commit of everything so far.
  void Kill() {
    if (Pick(2)) Commit();
    positions_.clear();
    in_flight_.clear();
    alive_ = false;
  }

  std::mt19937 random_;
  bool alike_;
  Folder folder_;
  Runs run_{folder_};
  bool alive_ = false;
  std::vector<File> files_;
  uint64_t count_ = 0;
  std::vector<std::string> written_;
  std::vector<std::string> in_flight_;
  std::vector<std::string> delivered_;
  std::map<std::string, std::string> positions_;
};

void RunWorlds(bool alike) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    World world(seed, alike);
    for (int step = 0; step < 60; ++step) world.Step();
    world.Finish();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(RandomFates, EveryRecordIsDeliveredExactlyOnce) { RunWorlds(false); }
TEST(RandomFates, EveryRecordIsDeliveredExactlyOnceWhenFilesBeginAlike) { RunWorlds(true); }

}  // namespace
}  // namespace datahub::source::files
