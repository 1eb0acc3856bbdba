// Evidence on disk (CLM-02), without a server: what is refused, what is left behind, what is swept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "services/claims/evidence_store.h"
#include "tests/support/sample_files.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::services {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::LongFilm;
using testing::RefusedBy;
using testing::SampleFile;
using testing::Scratch;
using ::testing::SizeIs;

class EvidenceStoreTest : public ::testing::Test {
 protected:
  static ExpectedFile Expecting(int64_t size) {
    ExpectedFile expected;
    expected.size_bytes = size;
    expected.max_file_bytes = 10 << 20;
    expected.types = {"image/jpeg", "image/png", "video/mp4"};
    return expected;
  }

  // Writes `content`, announced as `expected`, in pieces, to its end.
  absl::StatusOr<std::unique_ptr<IncomingFile>> Write(const std::string& content, ExpectedFile expected) {
    ASSIGN_OR_RETURN(std::unique_ptr<IncomingFile> file, store_->Begin(std::move(expected)));
    constexpr size_t kPiece = 1000;
    for (size_t at = 0; at < content.size(); at += kPiece) {
      RETURN_IF_ERROR(file->Append(absl::string_view(content).substr(at, kPiece)));
    }
    RETURN_IF_ERROR(file->Finish().status());
    return file;
  }
  absl::StatusOr<std::unique_ptr<IncomingFile>> Write(const std::string& content) {
    return Write(content, Expecting(static_cast<int64_t>(content.size())));
  }

  std::string ReadBack(const std::string& content) {
    auto file = store_->Read(Sha256Hex(content));
    EXPECT_THAT(file, IsOk());
    std::string all;
    while (file.ok()) {
      const absl::StatusOr<std::string> piece = file->Read(4096);
      EXPECT_THAT(piece, IsOk());
      if (!piece.ok() || piece->empty()) break;
      all += *piece;
    }
    return all;
  }

  // Every file there is, incoming or placed.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path())) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    return files;
  }

  const Scratch scratch_;
  std::unique_ptr<EvidenceStore> store_ = std::make_unique<EvidenceStore>(scratch_.Path("evidence"));
};

// A file goes once nobody needs it, with the marks of uploads that never ended; while it cannot be said
// whether somebody does, it stays.
TEST_F(EvidenceStoreTest, SYS_09_WhatIsErasedIsInNoFolder) {
  const std::string content = SampleFile("parcel.jpg");
  const std::string id = Sha256Hex(content);
  for (const bool ended : {true, false}) {
    auto file = Write(content);
    ASSERT_THAT(file, IsOk());
    ended ? (*file)->Keep() : (*file)->Leave();
  }
  EXPECT_THAT(Files(), SizeIs(2));
  EXPECT_THAT(store_->Remove(id, [] { return absl::StatusOr<bool>(absl::UnavailableError("asleep")); }),
              testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Remove(id, [] { return absl::StatusOr<bool>(true); }), IsOk());
  EXPECT_THAT(Files(), SizeIs(2));
  for (int times = 0; times < 2; ++times) {
    EXPECT_THAT(store_->Remove(id, [] { return absl::StatusOr<bool>(false); }), IsOk());
    EXPECT_THAT(Files(), IsEmpty());
  }
}

// The same photo comes again for another claim while the first one's is erased.
TEST_F(EvidenceStoreTest, SYS_09_WhatIsBeingUploadedIsLeftToItsUpload) {
  const std::string content = SampleFile("parcel.jpg");
  const auto nobody = [] { return absl::StatusOr<bool>(false); };
  for (const bool kept : {true, false}) {
    auto before = Write(content);
    ASSERT_THAT(before, IsOk());
    (*before)->Keep();
    before->reset();
    auto upload = Write(content);
    ASSERT_THAT(upload, IsOk());
    EXPECT_THAT(store_->Remove(Sha256Hex(content), nobody), IsOk());
    EXPECT_EQ(ReadBack(content), content);
    if (kept) (*upload)->Keep();
    upload->reset();
    EXPECT_THAT(Files(), SizeIs(kept ? 1 : 0));
  }
}

TEST_F(EvidenceStoreTest, CLM_02_PicturesAndFilmsComeBackByteForByte) {
  for (const std::string& content :
       {SampleFile("parcel.jpg"), SampleFile("parcel.png"), SampleFile("parcel.mp4"), LongFilm(700'000)}) {
    auto file = Write(content);
    ASSERT_THAT(file, IsOk());
    (*file)->Keep();
    file->reset();
    EXPECT_EQ(ReadBack(content), content);
  }
  EXPECT_THAT(Files(), SizeIs(4));
}

TEST_F(EvidenceStoreTest, CLM_02_TheContentDecidesTheType) {
  EXPECT_THAT(Write("just words, whatever the name says\n"), RefusedBy("CLM-02"));
  EXPECT_THAT(Write(std::string(100'000, 'x')), RefusedBy("CLM-02"));
  EXPECT_THAT(Write("%PDF-1.4\n%%EOF\n"), RefusedBy("CLM-02"));
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(EvidenceStoreTest, CLM_02_SYS_09_ReadableByItsOwnerOnly) {
  auto file = Write(SampleFile("parcel.jpg"));
  ASSERT_THAT(file, IsOk());
  (*file)->Keep();
  for (const std::string& path : Files()) {
    struct stat about;
    ASSERT_EQ(stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0077, 0u) << path;
  }
}

TEST_F(EvidenceStoreTest, CLM_02_WhatIsCutOffLeavesNothing) {
  const std::string picture = SampleFile("parcel.jpg");
  // The stream ends before what was announced, or holds more.
  EXPECT_THAT(Write(picture.substr(0, 500), Expecting(static_cast<int64_t>(picture.size()))),
              RefusedBy("CLM-02"));
  EXPECT_THAT(Write(picture, Expecting(500)), RefusedBy("CLM-02"));
  // As long as announced, but without its end.
  for (const char* const name : {"parcel.jpg", "parcel.png", "parcel.mp4"}) {
    const std::string whole = SampleFile(name);
    for (const size_t missing : {size_t{2}, size_t{40}, whole.size() / 2}) {
      EXPECT_THAT(Write(whole.substr(0, whole.size() - missing)), RefusedBy("CLM-02"))
          << name << " without its last " << missing << " bytes";
    }
  }
  // Given up half way.
  auto file = store_->Begin(Expecting(static_cast<int64_t>(picture.size())));
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT((*file)->Append(picture.substr(0, 100)), IsOk());
  file->reset();
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(EvidenceStoreTest, CLM_02_TheDigestAnnouncedIsHeld) {
  const std::string picture = SampleFile("parcel.jpg");
  ExpectedFile expected = Expecting(static_cast<int64_t>(picture.size()));
  expected.sha256 = Sha256Hex("another");
  EXPECT_THAT(Write(picture, expected), RefusedBy("CLM-02"));
  expected.sha256 = Sha256Hex(picture);
  EXPECT_THAT(Write(picture, expected), IsOk());
  EXPECT_THAT(store_->Begin(Expecting((10 << 20) + 1)), RefusedBy("CLM-02"));
}

TEST_F(EvidenceStoreTest, CLM_02_ARefusedUploadTakesNothingFromAnother) {
  const std::string picture = SampleFile("parcel.jpg");
  auto first = Write(picture);
  auto second = Write(picture);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  first->reset();  // refused
  EXPECT_EQ(ReadBack(picture), picture);
  (*second)->Keep();
  second->reset();
  auto third = Write(picture);
  ASSERT_THAT(third, IsOk());
  third->reset();  // refused
  EXPECT_EQ(ReadBack(picture), picture);
  EXPECT_THAT(Files(), SizeIs(1));
}

TEST_F(EvidenceStoreTest, CLM_02_WhatACrashLeftBehindIsSweptAndNothingElse) {
  const std::string needed = SampleFile("parcel.jpg");
  const std::string orphan = SampleFile("parcel.png");
  const std::string kept = SampleFile("parcel.mp4");
  for (const std::string& content : {needed, orphan}) {
    auto file = Write(content);
    ASSERT_THAT(file, IsOk());
    (*file)->Leave();  // as if the process had ended before the commit was known
  }
  auto file = Write(kept);
  ASSERT_THAT(file, IsOk());
  (*file)->Keep();
  testing::WriteFile(scratch_.Path("evidence/incoming/abcdef"), "half a file");
  EXPECT_THAT(Files(), SizeIs(6));

  const auto is_needed = [&](const std::string& id) -> absl::StatusOr<bool> {
    return id == Sha256Hex(needed);
  };
  EXPECT_THAT(store_->Sweep(absl::Hours(24), is_needed), IsOkAndHolds(0));
  EXPECT_THAT(store_->Sweep(absl::ZeroDuration(),
                            [](const std::string&) -> absl::StatusOr<bool> {
                              return absl::UnavailableError("the store does not say");
                            }),
              testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Sweep(absl::ZeroDuration(), is_needed), IsOk());
  EXPECT_THAT(Files(), SizeIs(2));
  EXPECT_EQ(ReadBack(needed), needed);
  EXPECT_EQ(ReadBack(kept), kept);
}

}  // namespace
}  // namespace makegood::services
