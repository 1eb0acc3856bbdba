// Files of boxes (ISO/IEC 14496-12, and QuickTime before it): films, and pictures in HEIF (CLM-02).
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "services/claims/content_checks.h"

namespace makegood::services {
namespace {

constexpr size_t kMaxBoxes = 100'000;  // beside each other
constexpr int kMaxTracks = 100;

constexpr uint64_t Code(const char (&name)[5]) {
  uint64_t code = 0;
  for (int i = 0; i < 4; ++i) code = code << 8 | static_cast<unsigned char>(name[i]);
  return code;
}

// A box within the file, or the file itself.
struct Box {
  uint64_t type = 0;
  uint64_t content = 0;  // where it begins
  uint64_t end = 0;

  uint64_t size() const { return end - content; }
};

// The box at `at`, or nothing if none is whole there before `end`.
std::optional<Box> BoxAt(ContentFile& file, uint64_t at, uint64_t end) {
  if (end - at < 8) return std::nullopt;
  auto length = file.Number(at, 4);
  const auto type = file.Number(at + 4, 4);
  if (!length.has_value() || !type.has_value()) return std::nullopt;
  uint64_t head = 8;
  if (*length == 1) {  // a long one
    length = end - at < 16 ? std::nullopt : file.Number(at + 8, 8);
    head = 16;
  } else if (*length == 0) {  // to the end
    length = end - at;
  }
  if (!length.has_value() || *length < head || *length > end - at) return std::nullopt;
  return Box{*type, at + head, at + *length};
}

// The first box of `type` within another.
std::optional<Box> Child(ContentFile& file, const Box& parent, uint64_t type, uint64_t skip = 0) {
  if (parent.size() < skip) return std::nullopt;
  for (uint64_t at = parent.content + skip; at < parent.end;) {
    const auto box = BoxAt(file, at, parent.end);
    if (!box.has_value() || box->type == type) return box;
    at = box->end;
  }
  return std::nullopt;
}

std::optional<Box> Descendant(ContentFile& file, Box box, std::initializer_list<uint64_t> types) {
  for (const uint64_t type : types) {
    const auto child = Child(file, box, type);
    if (!child.has_value()) return std::nullopt;
    box = *child;
  }
  return box;
}

// What lies beside each other in a file.
struct Layout {
  std::optional<Box> movie;
  std::optional<Box> meta;
  std::vector<Box> media;  // "mdat", those that hold something
  bool has_fragment = false;
  bool ends_in_fragment = false;  // whose media is missing

  // True if the bytes lie within one box of media.
  bool Holds(uint64_t offset, uint64_t count) const {
    const auto after = std::upper_bound(media.begin(), media.end(), offset,
                                        [](uint64_t at, const Box& box) { return at < box.content; });
    if (after == media.begin()) return false;
    const Box& box = *std::prev(after);
    return offset <= box.end && count <= box.end - offset;
  }
};

// The boxes must fill the file.
absl::StatusOr<Layout> ReadLayout(ContentFile& file) {
  Layout layout;
  size_t boxes = 0;
  for (uint64_t at = 0; at < file.size();) {
    const auto box = BoxAt(file, at, file.size());
    if (!box.has_value()) return CutOff();
    if (++boxes > kMaxBoxes) return Broken("the file has more than 100000 boxes");
    if (box->type == Code("moov") && !layout.movie.has_value()) layout.movie = box;
    if (box->type == Code("meta") && !layout.meta.has_value()) layout.meta = box;
    if (box->type == Code("moof")) layout.has_fragment = layout.ends_in_fragment = true;
    if (box->type == Code("mdat") && box->size() > 0) {
      layout.media.push_back(*box);
      layout.ends_in_fragment = false;
    }
    at = box->end;
  }
  return layout;
}

// ---- Films

// A table of a track: `count` entries behind `head` bytes of the box. A window of its own each, because
// tables are read side by side.
class Table {
 public:
  Table(const ContentFile& file, const std::optional<Box>& box, uint64_t head, int entry_bytes)
      : file_(file.fd(), static_cast<int64_t>(file.size())), head_(head), entry_bytes_(entry_bytes) {
    if (!box.has_value() || box->size() < head) return;
    box_ = *box;
    count_ = file_.Number(box_.content + head - 4, 4).value_or(0);
  }

  uint64_t count() const { return count_; }
  bool fits() const { return count_ <= (box_.size() - head_) / static_cast<uint64_t>(entry_bytes_); }
  bool found() const { return box_.size() >= head_ && box_.end > 0; }
  uint64_t Constant() { return file_.Number(box_.content + 4, 4).value_or(0); }  // of "stsz"
  // Number at `from` in the entry.
  uint64_t At(uint64_t entry, int from, int bytes) {
    const uint64_t offset = box_.content + head_ + entry * static_cast<uint64_t>(entry_bytes_);
    return file_.Number(offset + static_cast<uint64_t>(from), bytes).value_or(0);
  }

 private:
  ContentFile file_;
  Box box_;
  uint64_t head_;
  int entry_bytes_;
  uint64_t count_ = 0;
};

// The sizes of samples, one after the other.
class Samples {
 public:
  explicit Samples(const ContentFile& file, const Box& tables)
      : table_(file, ChildOf(file, tables), 12, 4), constant_(table_.found() ? table_.Constant() : 0) {}

  uint64_t count() const { return table_.count(); }
  bool fits() const { return table_.found() && (constant_ > 0 || table_.fits()); }
  uint64_t left() const { return count() - next_; }

  // The bytes of the next `samples`, of which there are as many. A size of 1 says nothing: QuickTime
  // means a unit of sound by it.
  uint64_t Take(uint64_t samples) {
    const uint64_t first = std::exchange(next_, next_ + samples);
    if (constant_ == 1) return 1;
    if (constant_ > 0) return constant_ * samples;  // both of 32 bits
    uint64_t bytes = 0;
    for (uint64_t i = first; i < next_; ++i) bytes += table_.At(i, 0, 4);
    return bytes;
  }

 private:
  static std::optional<Box> ChildOf(const ContentFile& file, const Box& tables) {
    ContentFile reader(file.fd(), static_cast<int64_t>(file.size()));
    return Child(reader, tables, Code("stsz"));
  }

  Table table_;
  uint64_t constant_;
  uint64_t next_ = 0;
};

// How many samples the track has, every one of which must lie in a box of media.
absl::StatusOr<uint64_t> CheckSamples(ContentFile& file, const Box& tables, const Layout& layout) {
  Samples samples(file, tables);
  Table runs(file, Child(file, tables, Code("stsc")), 8, 12);
  const auto narrow = Child(file, tables, Code("stco"));
  const int offset_bytes = narrow.has_value() ? 4 : 8;
  Table chunks(file, narrow.has_value() ? narrow : Child(file, tables, Code("co64")), 8, offset_bytes);
  if (!samples.fits() || !runs.found() || !runs.fits() || !chunks.found() || !chunks.fits()) {
    return Broken("the film's index is broken");
  }
  uint64_t run = 0;
  uint64_t in_chunk = 0;
  for (uint64_t chunk = 0; chunk < chunks.count() && samples.left() > 0; ++chunk) {
    while (run < runs.count() && runs.At(run, 0, 4) <= chunk + 1) in_chunk = runs.At(run++, 4, 4);
    const uint64_t bytes = samples.Take(std::min(in_chunk, samples.left()));
    if (bytes > 0 && !layout.Holds(chunks.At(chunk, 0, offset_bytes), bytes)) return CutOff();
  }
  if (samples.left() > 0) return Broken("the film's index is broken");
  return samples.count();
}

// ---- HEIF

// Reads an index of items ("iloc") from its beginning on.
class Items {
 public:
  Items(ContentFile& file, const Box& box) : file_(file), at_(box.content), end_(box.end) {}

  // A number of 0, 2, 4 or 8 bytes. Past the end: 0, and ok() is false.
  uint64_t Next(int bytes) {
    if (bytes == 0) return 0;
    const auto number = end_ - at_ < static_cast<uint64_t>(bytes) ? std::nullopt : file_.Number(at_, bytes);
    ok_ &= number.has_value();
    if (ok_) at_ += static_cast<uint64_t>(bytes);
    return number.value_or(0);
  }
  bool ok() const { return ok_; }

 private:
  ContentFile& file_;
  uint64_t at_;
  uint64_t end_;
  bool ok_ = true;
};

// Where an item's bytes are; methods of ISO/IEC 14496-12, 8.11.3.
constexpr uint64_t kInFile = 0;
constexpr uint64_t kInIndex = 1;  // in "idat"

// Sizes of an index's numbers, in bytes.
struct Sizes {
  int offset, length, base, number;
  bool ok() const {
    const auto fits = [](int bytes) { return bytes == 0 || bytes == 4 || bytes == 8; };
    // An extent has at least its length, so that there are no more of them than the box has bytes.
    return fits(offset) && fits(base) && fits(number) && (length == 4 || length == 8);
  }
};

// The extents of one item; true if any lies in media.
absl::StatusOr<bool> CheckItem(Items& items, uint64_t version, const Sizes& sizes, const Layout& layout,
                               uint64_t idat_size) {
  items.Next(version == 2 ? 4 : 2);  // its id
  const uint64_t method = version > 0 ? items.Next(2) & 0xF : kInFile;
  const bool elsewhere = items.Next(2) != 0;  // in another file
  const uint64_t base = items.Next(sizes.base);
  const uint64_t extents = items.Next(2);
  bool in_media = false;
  for (uint64_t i = 0; i < extents && items.ok(); ++i) {
    if (version > 0) items.Next(sizes.number);
    const uint64_t offset = items.Next(sizes.offset);
    const uint64_t length = items.Next(sizes.length);
    if (!items.ok() || offset > UINT64_MAX - base) break;
    if (elsewhere) continue;
    if (method == kInIndex && (base + offset > idat_size || length > idat_size - base - offset))
      return CutOff();
    if (method != kInFile || length == 0) continue;
    if (!layout.Holds(base + offset, length)) return CutOff();
    in_media = true;
  }
  return in_media;
}

}  // namespace

absl::Status CheckHeif(ContentFile& file) {
  ASSIGN_OR_RETURN(const Layout layout, ReadLayout(file));
  if (!layout.meta.has_value()) return CutOff();
  const auto index = Child(file, *layout.meta, Code("iloc"), /*skip=*/4);
  if (!index.has_value()) return Broken("the picture has no index");
  const auto idat = Child(file, *layout.meta, Code("idat"), /*skip=*/4);
  Items items(file, *index);
  const uint64_t version = items.Next(4) >> 24;
  const uint64_t packed = items.Next(2);
  const auto nibble = [&](int shift) { return static_cast<int>(packed >> shift & 0xF); };
  const Sizes sizes{nibble(12), nibble(8), nibble(4), version > 0 ? nibble(0) : 0};
  const uint64_t count = items.Next(version == 2 ? 4 : 2);
  if (version > 2 || !sizes.ok()) return Broken("the picture's index is broken");
  bool has_image = false;
  for (uint64_t i = 0; i < count && items.ok(); ++i) {
    ASSIGN_OR_RETURN(const bool in_media,
                     CheckItem(items, version, sizes, layout, idat.has_value() ? idat->size() : 0));
    has_image |= in_media;
  }
  if (!items.ok()) return Broken("the picture's index is broken");
  return has_image ? absl::OkStatus() : Broken("the picture holds no image data");
}

// A film in fragments may end after any of them: what came is a film as well.
absl::Status CheckFilm(ContentFile& file) {
  ASSIGN_OR_RETURN(const Layout layout, ReadLayout(file));
  if (!layout.movie.has_value()) return Broken("the film has no index, it is cut off or was not finished");
  if (layout.media.empty() || layout.ends_in_fragment) return CutOff();
  bool has_picture = false;
  int tracks = 0;
  for (uint64_t at = layout.movie->content; at < layout.movie->end;) {
    const auto box = BoxAt(file, at, layout.movie->end);
    if (!box.has_value()) break;
    at = box->end;
    const auto media = box->type == Code("trak") ? Child(file, *box, Code("mdia")) : std::nullopt;
    const auto handler = media.has_value() ? Child(file, *media, Code("hdlr")) : std::nullopt;
    if (!handler.has_value()) continue;
    if (++tracks > kMaxTracks) return Broken("the film has more than 100 tracks");
    const bool is_picture = file.Number(handler->content + 8, 4) == Code("vide");
    const auto tables = Descendant(file, *media, {Code("minf"), Code("stbl")});
    if (!tables.has_value()) return Broken("the film's index is broken");
    ASSIGN_OR_RETURN(const uint64_t samples, CheckSamples(file, *tables, layout));
    has_picture |= is_picture && (samples > 0 || layout.has_fragment);
  }
  return has_picture ? absl::OkStatus() : Broken("the film holds no picture");
}

// ---- Types

namespace {

constexpr size_t kMaxBrands = 64;

// What cameras, phones and their programs call a film: in full, or by the brand's beginning.
constexpr absl::string_view kFilmBrands[] = {"iso",  "mp4", "avc1", "hvc1", "hev1", "av01", "MSNV",
                                             "XAVC", "M4V", "dash", "mmp4", "NDSC", "caqv", "pana"};
// Those whose films are something else, whatever else they are compatible with.
constexpr absl::string_view kOtherBrands[] = {"M4A ", "M4B ", "M4P ", "crx ", "avif",
                                              "avis", "msf1", "hevc", "hevx"};
constexpr absl::string_view kHeicBrands[] = {"heic", "heix", "heim", "heis"};
// Boxes that old cameras begin a QuickTime film with.
constexpr absl::string_view kPlainBoxes[] = {"moov", "mdat", "wide", "free", "skip", "pnot"};

bool BeginsWithAny(absl::string_view text, const auto& beginnings) {
  return std::any_of(std::begin(beginnings), std::end(beginnings), [&](absl::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
  });
}

uint64_t BigEndian(absl::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

absl::string_view TypeOfBoxes(absl::string_view head) {
  if (head.size() < 16) return "";
  const uint64_t length = BigEndian(head.substr(0, 4));
  const absl::string_view type = head.substr(4, 4);
  if (type != "ftyp") {
    const bool two_boxes = length >= 8 && length + 8 <= head.size() && BeginsWithAny(type, kPlainBoxes) &&
                           BeginsWithAny(head.substr(static_cast<size_t>(length) + 4, 4), kPlainBoxes);
    return two_boxes ? "video/quicktime" : "";
  }
  const absl::string_view major = head.substr(8, 4);
  if (BeginsWithAny(major, kOtherBrands)) return "";
  if (major == "qt  ") return "video/quicktime";
  bool film = BeginsWithAny(major, kFilmBrands);
  bool picture = BeginsWithAny(major, kHeicBrands);
  const size_t end = static_cast<size_t>(std::min<uint64_t>({length, head.size(), 16 + 4 * kMaxBrands}));
  for (size_t at = 16; at + 4 <= end; at += 4) {
    film |= BeginsWithAny(head.substr(at, 4), kFilmBrands);
    picture |= BeginsWithAny(head.substr(at, 4), kHeicBrands);
  }
  if (picture) return "image/heic";
  return film ? "video/mp4" : "";
}

}  // namespace makegood::services
