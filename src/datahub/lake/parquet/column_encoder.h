#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "datahub/lake/parquet/chunk_writer.h"
#include "datahub/lake/parquet/dictionary_pages.h"
#include "datahub/lake/parquet/leaf_block.h"
#include "datahub/lake/parquet/open_page.h"
#include "datahub/lake/parquet/value_encoder.h"

namespace datahub::lake::parquet {

// Encodes one leaf of a row group into one column chunk.
//
//   RowCursor -> LeafBlock -> DictionaryPages or ValueEncoder -> OpenPage -> ChunkWriter
//
// Begins with a dictionary and looks, after some blocks and at the end of the first page with values, whether it pays: if
// not, that page is done again without. When a dictionary that paid grows too large, the pages that follow do without it. A
// column in which none paid is not tried with one again for a few chunks.
template <class T>
class ColumnEncoder {
 public:
  // Of `rows`, which is at its beginning and ends at its end. `chunk` has been begun for this leaf, with dictionary if
  // kMayUseDictionary. `untried`: the leaf's chunks yet to be written without a dictionary, from call to call; 0 at first.
  Result<void> Encode(RowCursor& rows, const StoredLeaf& leaf, const FileOptions& options, ChunkWriter& chunk,
                      int& untried);

  static constexpr bool kMayUseDictionary = !std::is_same_v<T, uint8_t>;

 private:
  static constexpr size_t kDictionaryEntriesMax = 1u << 16;
  static constexpr size_t kDictionaryBytesMax = 1u << 20;
  static constexpr int kChunksUntried = 7;
  static constexpr bool kMayUseDeltas = std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t>;
  using Pages = std::conditional_t<kMayUseDictionary, DictionaryPages<T>, std::monostate>;

  void BeginPage(const RowCursor& rows, const StoredLeaf& leaf);
  void AddBlock();
  size_t PageBytes() const;
  // Of the dictionary, judged by the first page with values so far, or whole.
  bool Pays(bool whole) const;
  bool TooLarge() const;
  void MeasurePlain();
  // The open page is done again without dictionary.
  void GiveUpDictionary(RowCursor& rows, const StoredLeaf& leaf, ChunkWriter& chunk);
  Result<void> ClosePage(const StoredLeaf& leaf, ChunkWriter& chunk);
  Result<void> EndDictionary(ChunkWriter& chunk);

  Encodings encodings_ = Encodings::kPlain;
  LeafBlock<T> block_;
  OpenPage page_;
  ValueEncoder<T> direct_;
  Pages pages_;
  RowCursor::Place page_begin_;
  bool with_dictionary_ = false;
  bool decided_ = false;       // the dictionary has paid for a page
  size_t entries_before_ = 0;  // the open page
  double plain_bytes_ = 0;     // of the first page's values, if they were written without dictionary
  double plain_bytes_each_ = 0;
  ByteBuffer trial_;
};

extern template class ColumnEncoder<uint8_t>;
extern template class ColumnEncoder<int32_t>;
extern template class ColumnEncoder<int64_t>;
extern template class ColumnEncoder<double>;
extern template class ColumnEncoder<record::Int128>;
extern template class ColumnEncoder<record::Bytes>;

}  // namespace datahub::lake::parquet
