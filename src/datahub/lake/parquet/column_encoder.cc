#include "datahub/lake/parquet/column_encoder.h"

namespace datahub::lake::parquet {
namespace {

// The first looks at a dictionary, after so many values: it must not have more entries than this share of them. Later ones
// are judged by bytes.
struct Look {
  int64_t values;
  double share_max;
};
constexpr Look kFirstLooks[] = {{1024, 0.9}, {4096, 0.6}};
constexpr Look kFirstLooksBesideDeltas[] = {{1024, 0.75}, {4096, 0.33}};  // deltas take about three bytes a number

// A dictionary has a page of its own, and looking up costs readers something too.
constexpr double kDictionaryPageBytes = 48;
constexpr double kWorth = 0.95;

}  // namespace

template <class T>
Result<void> ColumnEncoder<T>::Encode(RowCursor& rows, const StoredLeaf& leaf, const FileOptions& options,
                                      ChunkWriter& chunk, int& untried) {
  encodings_ = options.encodings;
  with_dictionary_ = kMayUseDictionary && untried == 0;
  decided_ = false;
  if (!with_dictionary_) chunk.DropDictionary();
  if (untried > 0) --untried;
  if constexpr (kMayUseDictionary) pages_.Clear();
  BeginPage(rows, leaf);
  for (;;) {
    const RowPiece piece = rows.Peek();
    if (piece.count > 0) {
      rows.Advance(block_.Gather(piece, leaf));
      page_.Add(block_.levels());
      AddBlock();
    }
    const bool end = piece.count == 0;
    if (end && page_.entry.rows == 0) break;
    const bool full = end || PageBytes() >= options.page_bytes || page_.entry.levels >= kPageLevelsMax || TooLarge();
    if (with_dictionary_ && !decided_ && page_.values() > 0 && ((full && !Pays(true)) || !Pays(false))) {
      GiveUpDictionary(rows, leaf, chunk);
      untried = kChunksUntried;
      continue;
    }
    if (!full) continue;
    DH_TRY(ClosePage(leaf, chunk));
    BeginPage(rows, leaf);
  }
  if (!with_dictionary_) return {};
  return EndDictionary(chunk);
}

template <class T>
void ColumnEncoder<T>::BeginPage(const RowCursor& rows, const StoredLeaf& leaf) {
  page_.Begin(leaf.max_definition, leaf.max_repetition);
  direct_.Reset(encodings_);
  page_begin_ = rows.place();
  if constexpr (kMayUseDictionary) entries_before_ = pages_.dictionary().entries();
  plain_bytes_ = 0;
}

template <class T>
void ColumnEncoder<T>::AddBlock() {
  const size_t values = block_.levels().values;
  if constexpr (kMayUseDictionary) {
    if (with_dictionary_) {
      if (!decided_) MeasurePlain();
      pages_.Add(block_.values(), values);
      return;
    }
  }
  direct_.Add(block_.values(), values, page_.raw);
}

// What the block would take without a dictionary. Deltas are tried once, with the first block.
template <class T>
void ColumnEncoder<T>::MeasurePlain() {
  const size_t values = block_.levels().values;
  if (values == 0) return;
  if constexpr (std::is_same_v<T, record::Bytes>) {
    plain_bytes_ += static_cast<double>(block_.bytes() + values);
  } else {
    if (page_.values() == static_cast<int64_t>(values)) {
      plain_bytes_each_ = sizeof(T);
      if constexpr (kMayUseDeltas) {
        if (encodings_ == Encodings::kDelta) {
          DeltaEncoder<T> deltas;
          trial_.Clear();
          deltas.Add(block_.values(), values, trial_);
          deltas.Finish(trial_);
          plain_bytes_each_ = static_cast<double>(trial_.size()) / static_cast<double>(values);
        }
      }
    }
    plain_bytes_ += plain_bytes_each_ * static_cast<double>(values);
  }
}

template <class T>
size_t ColumnEncoder<T>::PageBytes() const {
  if constexpr (kMayUseDictionary) {
    if (with_dictionary_) return pages_.page_bytes();
  }
  return direct_.bytes(page_.raw);
}

template <class T>
bool ColumnEncoder<T>::Pays(bool whole) const {
  if constexpr (kMayUseDictionary) {
    const auto entries = static_cast<double>(pages_.dictionary().entries());
    if (whole) {
      const auto bytes = static_cast<double>(pages_.dictionary().bytes() + pages_.page_bytes());
      return entries <= 1 || bytes + kDictionaryPageBytes < plain_bytes_ * kWorth;
    }
    const int64_t before = page_.values() - static_cast<int64_t>(block_.levels().values);
    for (const Look& look : kMayUseDeltas&& encodings_ == Encodings::kDelta ? kFirstLooksBesideDeltas : kFirstLooks) {
      if (before < look.values && page_.values() >= look.values) {
        return entries <= look.share_max * static_cast<double>(page_.values());
      }
    }
  }
  return true;
}

template <class T>
bool ColumnEncoder<T>::TooLarge() const {
  if constexpr (kMayUseDictionary) {
    return with_dictionary_ &&
           (pages_.dictionary().entries() > kDictionaryEntriesMax || pages_.dictionary().bytes() > kDictionaryBytesMax);
  }
  return false;
}

template <class T>
void ColumnEncoder<T>::GiveUpDictionary(RowCursor& rows, const StoredLeaf& leaf, ChunkWriter& chunk) {
  if constexpr (kMayUseDictionary) pages_.Clear();
  with_dictionary_ = false;
  chunk.DropDictionary();
  rows.Return(page_begin_);
  BeginPage(rows, leaf);
}

template <class T>
Result<void> ColumnEncoder<T>::ClosePage(const StoredLeaf& leaf, ChunkWriter& chunk) {
  page_.CloseLevels();
  PageEntry& entry = page_.entry;
  uint32_t width = 0;
  const bool utf8 = leaf.kind != record::Kind::kBytes;
  if (page_.values() == 0 && !(with_dictionary_ && decided_)) {
    entry.encoding = Encoding::kPlain;  // of nothing: every reader can do that
  } else if (with_dictionary_) {
    if constexpr (kMayUseDictionary) {
      entry.encoding = Encoding::kRleDictionary;
      entry.bounds = pages_.Close(utf8, page_.raw);
    }
  } else {
    direct_.Close(page_.raw);
    entry.encoding = direct_.encoding();
    entry.bounds = direct_.bounds();
    width = direct_.width();
  }
  const int64_t values = page_.values();
  DH_TRY(chunk.AddPage(page_.raw, std::move(entry), width));
  if constexpr (kMayUseDictionary) {
    if (!with_dictionary_ || values == 0) return {};
    decided_ = true;
    const size_t grown = pages_.dictionary().entries() - entries_before_;
    if (TooLarge() || (entries_before_ > 0 && static_cast<int64_t>(grown) * 2 > values)) return EndDictionary(chunk);
  }
  return {};
}

template <class T>
Result<void> ColumnEncoder<T>::EndDictionary(ChunkWriter& chunk) {
  with_dictionary_ = false;
  if constexpr (kMayUseDictionary) {
    const Dictionary<T>& dictionary = pages_.dictionary();
    if (dictionary.entries() == 0) {
      chunk.DropDictionary();  // all null
      return {};
    }
    page_.raw.Clear();
    dictionary.AppendPlain(page_.raw.body);
    return chunk.AddDictionary(dictionary.entries(), page_.raw);
  }
  return {};
}

template class ColumnEncoder<uint8_t>;
template class ColumnEncoder<int32_t>;
template class ColumnEncoder<int64_t>;
template class ColumnEncoder<double>;
template class ColumnEncoder<record::Int128>;
template class ColumnEncoder<record::Bytes>;

}  // namespace datahub::lake::parquet
