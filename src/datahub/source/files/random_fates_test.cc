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
    const size_t what = Pick(14);
    history_ += fmt::format("{} ", what);
    switch (what) {
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
      case 11:
        CopyTruncate();
        break;
      case 12:
        CreateLike();
        break;
      case 13:
        CreateWithCompressed();
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
    EXPECT_EQ(twice, Strings()) << history_;
  }

 private:
  struct File {
    std::string name;
    Form form = Form::kLines;
    bool amid_line = false;
    bool amid_array = false;
    bool empty = true;
    bool moved = false;   // since what was read of it was last committed
    bool remade = false;  // the same: compressed, so that its inode is another one
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
    if (file.remade) Settle(file);
    const std::string name = NewName();
    folder_.Rename(file.name, name);
    file.name = name;
    file.moved = true;
  }

  // The name is a new file's, the old one goes on elsewhere.
  void Rotate() {
    if (files_.empty() || files_.size() >= 8) return;
    const std::string name = files_[Pick(files_.size())].name;
    for (File& file : files_) {
      if (file.name != name) continue;
      if (file.remade) Settle(file);
      file.name = NewName();
      file.moved = true;
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

  std::string Content(const File& file) {
    std::ifstream plain(folder_.Path(file.name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(plain), {});
  }
  // A compressed or copied file is known by the recorded name, so that must be known.
  void Settle(File& file) {
    if (!file.moved && !file.remade) return;
    ReadSome(SIZE_MAX);
    Commit();
    file.remade = false;
  }

  // As logrotate does: for a while the compressed file stands, begun or whole, beside the plain one.
  void Compress() {
    if (files_.empty()) return;
    File& file = files_[Pick(files_.size())];
    if (file.form != Form::kLines) return;
    Settle(file);
    const std::string packed = Gzip(Content(file));
    const bool beside = Pick(2);  // else it goes on under a name that would be new while the plain file is not known
    const std::string name = beside ? file.name + ".gz" : fmt::format("{}.{}.gz", file.name, ++count_);
    if (std::filesystem::exists(folder_.Path(name))) return;
    if (Pick(2)) {
      ReadSome(SIZE_MAX);
      // Less says too little of what it is.
      folder_.Write(name, packed.substr(0, packed.size() - Pick(8)));
      ReadSome(Pick(4));
    }
    folder_.Write(name, packed);
    if (beside) ReadSome(Pick(4));
    if (beside && Pick(4) == 0) Kill();
    folder_.Remove(file.name);
    file.name = name;
    file.form = Form::kGzip;
    file.remade = true;
  }

  // logrotate's copytruncate, seen between the two or not.
  void CopyTruncate() {
    if (files_.empty() || files_.size() >= 8) return;
    File& file = files_[Pick(files_.size())];
    if (file.form != Form::kLines || file.empty) return;
    ReadSome(SIZE_MAX);
    Commit();
    const File copy{.name = fmt::format("{}.{}", file.name, ++count_), .empty = false};
    folder_.Copy(file.name, copy.name);
    ReadSome(Pick(4));
    if (Pick(4) == 0) Kill();
    folder_.Truncate(file.name, 0);
    file.empty = true;
    ReadSome(Pick(2));
    AppendTo(file);
    files_.push_back(copy);
    ReadSome(SIZE_MAX);
    Commit();
  }

  // The next of its kind: all records of one that was read come again, perhaps with one changed or more behind them, under
  // another name or, when the first is gone, under its name.
  void CreateLike() {
    if (files_.empty() || files_.size() >= 8) return;
    const size_t which = Pick(files_.size());
    if (files_[which].form != Form::kLines || files_[which].empty) return;
    ReadSome(SIZE_MAX);
    Commit();
    std::string text = Content(files_[which]);
    const size_t changed = Pick(3);
    std::string name = NewName();
    if (changed == 1) {
      // The number of a record in the middle, so that head, tail and size stay.
      const size_t line = text.rfind('\n', text.size() / 2) + 1;
      if (text.size() - line < 10) return;
      text.replace(line + 1, 7, fmt::format("{:07}", ++count_));
    }
    if (changed == 2) text += NewRecordOnly();
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      written_.push_back(text.substr(at + 1, end - at - 2));
      at = end + 1;
    }
    if (Pick(2)) {
      folder_.Remove(files_[which].name);
      if (changed == 1 && Pick(2)) name = files_[which].name;
      files_.erase(files_.begin() + which);
    }
    folder_.Write(name, text);
    files_.push_back({.name = name, .empty = false});
  }
  std::string NewRecordOnly() {
    const std::string record = NewRecord();
    written_.pop_back();  // CreateLike counts it
    return record + "\n";
  }

  // Rotation that compresses: both are there at the first look.
  void CreateWithCompressed() {
    if (files_.size() >= 8) return;
    File file{.name = NewName() + ".1"};
    std::string text;
    for (size_t records = 1 + Pick(12); records > 0; --records) text += NewRecord() + "\n";
    folder_.Write(file.name, text);
    folder_.Write(file.name + ".gz", Gzip(text));
    ReadSome(Pick(4));
    if (Pick(3) == 0) Kill();
    ReadSome(Pick(4));
    folder_.Remove(file.name);
    file.name += ".gz";
    file.form = Form::kGzip;
    file.remade = true;
    file.empty = false;
    files_.push_back(file);
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
      history_ += fmt::format("\n  {}: {}\n", notice.kind, notice.message);
      EXPECT_TRUE(notice.kind != "rewritten" && notice.kind != "damaged") << notice.kind << ": " << notice.message;
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

  std::string history_;  // of steps, names and notices, for when it fails
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
