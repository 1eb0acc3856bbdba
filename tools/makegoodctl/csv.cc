#include "tools/makegoodctl/csv.h"

#include <csv.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kChunk = size_t{64} * 1024;
constexpr size_t kLongestField = size_t{1024} * 1024;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// libcsv's parser with the row it is in the middle of.
class RowParser {
 public:
  explicit RowParser(const std::function<absl::Status(CsvRow)>& take) : take_(take) {
    // Every line end is reported, so that lines can be counted.
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
  }
  ~RowParser() { csv_free(&parser_); }
  RowParser(const RowParser&) = delete;
  RowParser& operator=(const RowParser&) = delete;

  absl::Status Feed(absl::string_view bytes) {
    const size_t parsed = csv_parse(&parser_, bytes.data(), bytes.size(), &OnField, &OnLineEnd, this);
    RETURN_IF_ERROR(status_);
    if (parsed != bytes.size()) return Broken(csv_strerror(csv_error(&parser_)));
    if (csv_get_buffer_size(&parser_) > kLongestField) return Broken("a field is longer than 1 MiB");
    return absl::OkStatus();
  }

  absl::Status Finish() {
    if (csv_fini(&parser_, &OnField, &OnLineEnd, this) != 0) {
      return Broken("a quoted field does not end");
    }
    return status_;
  }

 private:
  static void OnField(void* text, size_t size, void* self) {
    static_cast<RowParser*>(self)->row_.fields.emplace_back(static_cast<char*>(text), size);
  }
  static void OnLineEnd(int character, void* self) { static_cast<RowParser*>(self)->EndLine(character); }

  void EndLine(int character) {
    if (!row_.fields.empty()) {
      int64_t lines_inside = 0;
      for (const std::string& field : row_.fields) {
        lines_inside += std::count(field.begin(), field.end(), '\n');
      }
      row_.line = line_;
      line_ += lines_inside;
      const CsvRow row = std::exchange(row_, {});
      if (status_.ok()) status_ = take_(row);
    }
    if (character == '\n') ++line_;
  }

  absl::Status Broken(absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat("line ", line_, " or a few after it: ", problem));
  }

  const std::function<absl::Status(CsvRow)>& take_;
  csv_parser parser_;
  CsvRow row_;
  int64_t line_ = 1;
  absl::Status status_;
};

std::string Quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted(2 * field.size() + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), field.data(), field.size()));
  return quoted;
}

}  // namespace

absl::Status ReadCsv(std::istream& in, const std::function<absl::Status(CsvRow)>& take) {
  RowParser parser(take);
  std::string chunk(kChunk, '\0');
  for (bool first = true; in; first = false) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    absl::string_view bytes(chunk.data(), static_cast<size_t>(in.gcount()));
    if (first && absl::StartsWith(bytes, kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    RETURN_IF_ERROR(parser.Feed(bytes));
  }
  if (in.bad()) return absl::DataLossError("the file cannot be read to its end");
  return parser.Finish();
}

absl::StatusOr<CsvHeader> CsvHeader::From(const CsvRow& row) {
  CsvHeader header;
  for (size_t i = 0; i < row.fields.size(); ++i) {
    if (!header.index_.emplace(row.fields[i], i).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", row.fields[i], " stands twice in the header"));
    }
  }
  return header;
}

absl::string_view CsvHeader::Value(const CsvRow& row, absl::string_view column) const {
  const auto found = index_.find(std::string(column));
  if (found == index_.end() || found->second >= row.fields.size()) return "";
  return row.fields[found->second];
}

std::string CsvLine(const std::vector<std::string>& fields) {
  return absl::StrCat(
      absl::StrJoin(fields, ",",
                    [](std::string* out, const std::string& field) { absl::StrAppend(out, Quoted(field)); }),
      "\n");
}

}  // namespace makegood::ctl
