// The characters of a file: ICU's converters, and how a file says which it wants.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct UConverter;

namespace makegood::ctl {

// One way to write characters as bytes. Not thread-safe; moves, does not copy.
class Encoding {
 public:
  // By its IANA name, e.g. "UTF-8", "windows-1250", "ISO-8859-9", "UTF-16LE"; "UTF-16" without a byte order
  // mark is taken as UTF-16LE. INVALID_ARGUMENT for one that is not known, and for one whose commas and
  // line ends are not those of ASCII (EBCDIC, UTF-7, UTF-32).
  static absl::StatusOr<Encoding> Named(absl::string_view name);

  // INVALID_ARGUMENT for a separator that can be half of a character, as "|" in Shift_JIS, GBK and Big5: rows
  // are taken apart before they are decoded, and a text would be cut there.
  absl::Status CheckSeparator(char separator);

  const std::string& name() const { return name_; }
  int unit() const { return unit_; }  // bytes of a character of ASCII
  bool big_endian() const { return big_endian_; }

  // The text in UTF-8. INVALID_ARGUMENT names the first byte, from 1, that is no character or is NUL.
  absl::StatusOr<std::string> Decode(absl::string_view bytes);
  // The bytes of a text in UTF-8; a character that the encoding lacks becomes its substitute.
  std::string Encode(absl::string_view text);

 private:
  struct Close {
    void operator()(UConverter* converter) const;
  };

  bool IsHalfOfACharacter(char mark);

  std::string name_;
  int unit_ = 1;
  bool big_endian_ = false;
  std::unique_ptr<UConverter, Close> converter_;
};

// What a byte order mark at the beginning of `bytes` says: the encoding's name and the mark's length.
// No name where there is none.
struct ByteOrderMark {
  std::string encoding;
  size_t size = 0;
};
ByteOrderMark ByteOrderMarkOf(absl::string_view bytes);

}  // namespace makegood::ctl
