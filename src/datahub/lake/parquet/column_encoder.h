#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "datahub/lake/parquet/chunk_writer.h"
#include "datahub/lake/parquet/dictionary.h"
#include "datahub/lake/parquet/leaf_block.h"
#include "datahub/lake/parquet/level_writer.h"
#include "datahub/lake/parquet/value_encoder.h"

namespace datahub::lake::parquet {

// The page being filled, apart from its values.
struct OpenPage {
  RawPage raw;
  LevelWriter definition;
  LevelWriter repetition;
  PageEntry entry;

  void Begin(int max_definition, int max_repetition);
  void Add(const BlockLevels& levels);
  int64_t values() const { return entry.levels - entry.nulls; }
  // Levels go before the values. To be called before the value encoder closes.
  void CloseLevels();
};

// A page also ends after so many levels, so that readers can skip by rows where values are tiny.
constexpr int64_t kPageLevelsMax = 128 * 1024;

// Index pages of a dictionary, and the bounds of what they refer to.
template <class T>
class DictionaryPages {
 public:
  void Clear();
  void Add(const T* values, size_t count);
  size_t page_bytes() const;  // of the open page, about
  // Indices of the open page go to `page`, which is empty but for levels; gives its bounds.
  Bounds Close(bool utf8, RawPage& page);
  void DropOpenPage() { indices_.clear(); }

  const Dictionary<T>& dictionary() const { return dictionary_; }

 private:
  int width() const;
  Bounds BoundsOfOpenPage(bool utf8);

  Dictionary<T> dictionary_;
  std::vector<uint32_t> indices_;
  std::vector<uint8_t> used_;  // which entries the open page has
};

// Encodes one leaf of a row group into one column chunk.
//
//   RowCursor -> LeafBlock -> dictionary or ValueEncoder -> RawPage -> ChunkWriter
//
// Begins with a dictionary and looks, after some blocks and at the end of the first page, whether it pays: if not, the page
// is done again without. Later, when the dictionary grows too large, the pages that follow do without it.
template <class T>
class ColumnEncoder {
 public:
  // `rows` at its beginning; goes to its end.
  Result<ColumnChunk> Encode(RowCursor& rows, const StoredLeaf& leaf, size_t page_bytes, ChunkWriter& chunk);

 private:
  static constexpr bool kMayUseDictionary = !std::is_same_v<T, uint8_t>;
  struct None {};
  using Pages = std::conditional_t<kMayUseDictionary, DictionaryPages<T>, None>;

  // False: the page was begun again without the dictionary.
  bool AddToDictionary(RowCursor& rows, const StoredLeaf& leaf, ChunkWriter& chunk);
  bool Pays(bool page_ends) const;
  size_t PlainBytes() const;
  void BeginPage(const RowCursor& rows, const StoredLeaf& leaf);
  bool PageIsFull(size_t page_bytes) const;
  // False: see AddToDictionary.
  Result<bool> ClosePage(RowCursor& rows, const StoredLeaf& leaf, ChunkWriter& chunk);
  Result<void> EndDictionary(ChunkWriter& chunk);
  void RestartPage(RowCursor& rows, const StoredLeaf& leaf, ChunkWriter& chunk);

  LeafBlock<T> block_;
  OpenPage page_;
  ValueEncoder<T> direct_;
  Pages pages_;
  RowCursor::Place page_begin_;
  bool use_dictionary_ = false;
  bool decided_ = false;    // the dictionary has proved itself
  size_t checked_ = 0;      // values of the first page at the last look
  size_t plain_bytes_ = 0;  // of the first page's values, if they were written without dictionary
  ByteBuffer trial_;
};

extern template class ColumnEncoder<uint8_t>;
extern template class ColumnEncoder<int32_t>;
extern template class ColumnEncoder<int64_t>;
extern template class ColumnEncoder<double>;
extern template class ColumnEncoder<record::Int128>;
extern template class ColumnEncoder<record::Bytes>;

}  // namespace datahub::lake::parquet
