// What a file of evidence is, and whether it is whole (CLM-02).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/claims/content.h"
#include "tests/support/sample_files.h"
#include "tests/support/status_matchers.h"

namespace makegood::services {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;
using testing::RefusedBy;
using testing::SampleFile;

absl::Status Check(const std::string& content, absl::string_view type) {
  const int fd = memfd_create("evidence", 0);
  EXPECT_EQ(write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
  const absl::Status checked = CheckWhole(fd, static_cast<int64_t>(content.size()), type);
  close(fd);
  return checked;
}

std::string BigEndian(uint64_t number, int bytes = 4) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text.push_back(static_cast<char>(number >> shift));
  return text;
}

std::string BoxOf(const std::string& type, const std::string& content) {
  return absl::StrCat(BigEndian(8 + content.size()), type, content);
}

// The sample film in its pieces, to be put together in other ways.
struct Film {
  std::string ftyp, media, movie;  // contents of "ftyp" and "mdat"; the box "moov"
  Film() {
    const std::string film = SampleFile("parcel.mp4");
    ftyp = film.substr(8, 20);
    media = film.substr(44, 1423);
    movie = film.substr(1467);
  }
  // The index with the place of its one chunk.
  std::string Movie(size_t chunk) const {
    std::string moved = movie;
    return moved.replace(moved.find("stco") + 12, 4, BigEndian(chunk));
  }
  std::string With(const std::string& from, const std::string& to) const {
    std::string other = movie;
    other.replace(other.find(from), from.size(), to);
    return absl::StrCat(BoxOf("ftyp", ftyp), BoxOf("free", ""), BoxOf("mdat", media), other);
  }
  // The index first, as for the web; the media's length as given, or up to the end of the file.
  std::string IndexFirst(bool open_end) const {
    const size_t chunk = 28 + movie.size() + 8;
    const std::string length = open_end ? BigEndian(0) : BigEndian(8 + media.size());
    return absl::StrCat(BoxOf("ftyp", ftyp), Movie(chunk), length, "mdat", media);
  }
  std::string OfBrand(const std::string& major, const std::string& compatible) const {
    const std::string brands = BoxOf("ftyp", absl::StrCat(major, BigEndian(0), compatible));
    return absl::StrCat(brands, BoxOf("mdat", media), Movie(brands.size() + 8));
  }
  // QuickTime before brands.
  std::string Plain() const { return absl::StrCat(BoxOf("wide", ""), BoxOf("mdat", media), Movie(16)); }
  std::string InFragments() const {
    const std::string extends = BoxOf("mvex", BoxOf("trex", std::string(24, '\0')));
    const std::string stbl = BoxOf(
        "stbl", absl::StrCat(BoxOf("stts", std::string(8, '\0')), BoxOf("stsc", std::string(8, '\0')),
                             BoxOf("stsz", std::string(12, '\0')), BoxOf("stco", std::string(8, '\0'))));
    const std::string hdlr = BoxOf("hdlr", absl::StrCat(BigEndian(0, 8), "vide", std::string(13, '\0')));
    const std::string track = BoxOf("trak", BoxOf("mdia", absl::StrCat(hdlr, BoxOf("minf", stbl))));
    const std::string fragment = BoxOf("moof", BoxOf("mfhd", BigEndian(1, 8)));
    return absl::StrCat(BoxOf("ftyp", ftyp), BoxOf("moov", track + extends), fragment, BoxOf("mdat", media));
  }
};

std::string PngChunk(const std::string& picture, absl::string_view name) {
  const size_t at = picture.find(std::string(name)) - 4;
  const auto length =
      static_cast<unsigned char>(picture[at + 2]) * 256 + static_cast<unsigned char>(picture[at + 3]);
  return picture.substr(at, 12 + static_cast<size_t>(length));
}

std::string WebpOf(const std::string& chunks) {
  std::string length = BigEndian(4 + chunks.size());
  return absl::StrCat("RIFF", std::string(length.rbegin(), length.rend()), "WEBP", chunks);
}

// JPEG in few bytes: a frame, two scans, and between them a comment that holds an end mark.
std::string TwoScans() {
  const std::string frame("\xFF\xC2\0\x0B\x08\0\x08\0\x08\x01\x01\x11\0", 13);
  const std::string scan("\xFF\xDA\0\x08\x01\x01\0\0\x3F\0abc\xFF\0\xFF\xD0xyz", 19);
  const std::string comment("\xFF\xFE\0\x06 \xFF\xD9 ", 8);
  return absl::StrCat("\xFF\xD8", frame, scan, comment, scan, "\xFF\xD9");
}

struct Sample {
  std::string name, type, content;
};

std::vector<Sample> Samples() {
  const Film film;
  const std::string webp = SampleFile("parcel.webp");
  return {
      {"JPEG", "image/jpeg", SampleFile("parcel.jpg")},
      {"JPEG in scans", "image/jpeg", TwoScans()},
      {"PNG", "image/png", SampleFile("parcel.png")},
      {"WebP", "image/webp", webp},
      {"WebP that moves", "image/webp",
       WebpOf(absl::StrCat("ANMF", std::string("\xDA\x01\0\0", 4), std::string(16, '\0'), webp.substr(12)))},
      {"HEIC", "image/heic", SampleFile("parcel.heic")},
      {"MP4", "video/mp4", SampleFile("parcel.mp4")},
      {"MP4 for the web", "video/mp4", film.IndexFirst(/*open_end=*/false)},
      {"MP4 with an open end", "video/mp4", film.IndexFirst(/*open_end=*/true)},
      {"MP4 in a fragment", "video/mp4", film.InFragments()},
      {"QuickTime", "video/quicktime", film.OfBrand("qt  ", "qt  ")},
      {"QuickTime of old", "video/quicktime", film.Plain()}};
}

TEST(Content, CLM_02_WhatIsWholeIsTakenAndEveryCutOffRefused) {
  ContentTypes types;
  for (const Sample& sample : Samples()) {
    EXPECT_THAT(types.Of(sample.content), IsOkAndHolds(sample.type)) << sample.name;
    EXPECT_THAT(Check(sample.content, sample.type), IsOk()) << sample.name;
    for (size_t bytes = 0; bytes < sample.content.size(); ++bytes) {
      ASSERT_THAT(Check(sample.content.substr(0, bytes), sample.type), RefusedBy("CLM-02"))
          << sample.name << ", " << bytes << " bytes of " << sample.content.size();
    }
  }
}

TEST(Content, CLM_02_EveryByteOfAPngIsUnderItsCheckSums) {
  const std::string whole = SampleFile("parcel.png");
  for (size_t at = 8; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x10);
    ASSERT_THAT(Check(wrong, "image/png"), RefusedBy("CLM-02")) << "byte " << at;
  }
}

TEST(Content, CLM_02_WhatHoldsNoPictureIsRefused) {
  const std::string png = SampleFile("parcel.png");
  const Film film;
  EXPECT_THAT(
      Check(absl::StrCat(png.substr(0, 8), PngChunk(png, "IHDR"), PngChunk(png, "IEND")), "image/png"),
      RefusedBy("CLM-02"));
  EXPECT_THAT(
      Check(absl::StrCat(png.substr(0, 8), PngChunk(png, "IDAT"), PngChunk(png, "IEND")), "image/png"),
      RefusedBy("CLM-02"));
  EXPECT_THAT(Check("\xFF\xD8\xFF\xD9", "image/jpeg"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check(std::string("\xFF\xD8\xFF\xDA\0\x02 abc\xFF\xD9", 11), "image/jpeg"),
              RefusedBy("CLM-02"));
  EXPECT_THAT(Check(WebpOf(std::string("EXIF\x02\0\0\0ab", 10)), "image/webp"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check(film.With("vide", "soun"), "video/mp4"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check(film.With("stsz", "free"), "video/mp4"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check(BoxOf("ftyp", film.ftyp), "video/mp4"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check("", "image/jpeg"), RefusedBy("CLM-02"));
  // Nobody can tell whether it is whole.
  EXPECT_THAT(Check("GIF89a", "image/gif"), RefusedBy("CLM-02"));
}

TEST(Content, CLM_02_MediaThatIsShorterThanItsIndexSaysIsRefused) {
  Film film;
  film.media.resize(film.media.size() - 1);  // and its box says so
  EXPECT_THAT(Check(film.With("vide", "vide"), "video/mp4"), RefusedBy("CLM-02"));
  EXPECT_THAT(Check(film.IndexFirst(/*open_end=*/true), "video/mp4"), RefusedBy("CLM-02"));
}

TEST(Content, CLM_02_FilmsOfAnyCameraAreTaken) {
  ContentTypes types;
  const Film film;
  const std::map<std::string, std::string> brands = {
      {"MSNV", "MSNVmp42isom"}, {"XAVC", "XAVCmp42iso2"}, {"hvc1", "hvc1"},
      {"avc1", "avc1isom"},     {"mp42", "isommp42"},     {"M4V ", "M4V mp42isom"},
      {"3gp4", "isom3gp4"},     {"GPRO", "GPROmp41"},     {"isom", ""}};
  for (const auto& [major, compatible] : brands) {
    const std::string content = film.OfBrand(major, compatible);
    EXPECT_THAT(types.Of(content), IsOkAndHolds("video/mp4")) << major;
    EXPECT_THAT(Check(content, "video/mp4"), IsOk()) << major;
  }
  // Sound alone, and a camera's raw picture, which say that they are compatible.
  for (const std::string major : {"M4A ", "crx "}) {
    const auto type = types.Of(film.OfBrand(major, "isommp42"));
    ASSERT_THAT(type, IsOk());
    EXPECT_NE(*type, "video/mp4") << major;
  }
}

TEST(Content, CLM_02_PicturesOfAnyCameraAreTaken) {
  ContentTypes types;
  const std::string jpeg = SampleFile("parcel.jpg");
  std::string filled = jpeg;  // fill bytes before the last marker and the first
  filled.insert(filled.size() - 2, "\xFF\xFF\xFF");
  filled.insert(2, "\xFF\xFF");
  for (const std::string& content : {filled, absl::StrCat(jpeg, SampleFile("parcel.mp4"))}) {
    EXPECT_THAT(types.Of(content), IsOkAndHolds("image/jpeg"));
    EXPECT_THAT(Check(content, "image/jpeg"), IsOk());
  }
  std::string heic = SampleFile("parcel.heic");
  heic.replace(8, 4, "mif1");  // the general brand first
  EXPECT_THAT(types.Of(heic), IsOkAndHolds("image/heic"));
  EXPECT_THAT(Check(heic, "image/heic"), IsOk());
}

TEST(Content, CLM_02_AnIndexWithoutEndEnds) {
  std::string heic = SampleFile("parcel.heic");
  const size_t iloc = heic.find("iloc");
  std::string endless = heic;
  endless.replace(iloc + 4, 12,
                  std::string("\2\0\0\0\0\0\xFF\xFF\xFF\xFF\0\0", 12));  // of nothing, 2^32 times
  EXPECT_THAT(Check(endless, "image/heic"), RefusedBy("CLM-02"));
  Film film;
  const size_t stsz = film.movie.find("stsz");
  film.movie.replace(stsz + 8, 8, std::string(8, '\xFF'));  // 2^32 samples of 4 GiB
  EXPECT_THAT(Check(film.With("vide", "vide"), "video/mp4"), RefusedBy("CLM-02"));
  std::string boxes = BoxOf("ftyp", film.ftyp);
  for (int i = 0; i < 100'001; ++i) boxes += BoxOf("free", "");
  EXPECT_THAT(Check(boxes, "video/mp4"), RefusedBy("CLM-02"));
  // What is looked at byte by byte is read once: this would take minutes otherwise.
  std::string scan = TwoScans();
  std::string stuffed;
  for (int i = 0; i < 1 << 18; ++i) stuffed += std::string("\xFF\0", 2);
  EXPECT_THAT(Check(scan.insert(scan.size() - 2, stuffed), "image/jpeg"), IsOk());
}

RC_GTEST_PROP(Content, CLM_02_AnyDamagedFileIsTakenOrRefused, ()) {
  const std::vector<Sample> samples = Samples();
  for (Sample sample : samples) {
    for (int edits = *rc::gen::inRange(1, 6); edits > 0; --edits) {
      const size_t at = *rc::gen::inRange<size_t>(0, sample.content.size());
      const size_t length = *rc::gen::inRange<size_t>(0, 9);
      sample.content.replace(at, length, *rc::gen::arbitrary<std::string>());
    }
    const absl::Status checked = Check(sample.content, sample.type);
    RC_ASSERT(checked.ok() || RuleOf(checked) == "CLM-02");
  }
}

}  // namespace
}  // namespace makegood::services
