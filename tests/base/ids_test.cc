#include "common/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"

namespace makegood {
namespace {

using ::testing::MatchesRegex;

TEST(Ids, Sha256IsTheStandardsOwn) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256("abc").size(), 32u);
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Ids, AnIdHasItsPrefixItsPartAndTwentyDigits) {
  EXPECT_THAT(MakeId("clm", 11, "seed"), MatchesRegex("clm-0b-[0-9a-f]{20}"));
  EXPECT_THAT(MakeId("evt", 255, ""), MatchesRegex("evt-ff-[0-9a-f]{20}"));
}

TEST(Ids, TheSameSeedMakesTheSameIdAndAnotherSeedAnother) {
  EXPECT_EQ(MakeId("clm", 1, "seed"), MakeId("clm", 1, "seed"));
  std::set<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(MakeId("clm", 1, absl::StrCat(i)));
  EXPECT_EQ(ids.size(), 10'000u);
}

TEST(Ids, AnIdWithItsTimeSortsByIt) {
  const absl::Time time = absl::FromUnixMillis(0x18f'0000'0000);
  EXPECT_THAT(MakeId("clm", 11, time, "seed"), MatchesRegex("clm-0b-18f00000000[0-9a-f]{13}"));
  EXPECT_EQ(MakeId("clm", 11, time, "seed"), MakeId("clm", 11, time, "seed"));
  EXPECT_NE(MakeId("clm", 11, time, "seed"), MakeId("clm", 11, time, "another"));
  EXPECT_LT(MakeId("clm", 11, time, "seed"), MakeId("clm", 11, time + absl::Milliseconds(1), "seed"));
  EXPECT_THAT(MakeId("clm", 11, absl::InfinitePast(), "seed"), MatchesRegex("clm-0b-0{11}[0-9a-f]{13}"));
}

RC_GTEST_PROP(Ids, AnIdLeadsToThePartItWasMadeIn, (const std::string& seed)) {
  const auto parts = *rc::gen::inRange<uint32_t>(1, kMaxParts + 1);
  const auto part = *rc::gen::inRange<uint32_t>(0, parts);
  const absl::Time time = absl::FromUnixMillis(*rc::gen::inRange<int64_t>(0, int64_t{1} << 44));
  RC_ASSERT(PartOf(MakeId("clm", part, seed), parts) == part);
  RC_ASSERT(PartOf(MakeId("clm", part, time, seed), parts) == part);
}

RC_GTEST_PROP(Ids, EveryKeyHasAPartAndAlwaysTheSame, (const std::string& key)) {
  const auto parts = *rc::gen::inRange<uint32_t>(1, kMaxParts + 1);
  RC_ASSERT(PartOf(key, parts) < parts);
  RC_ASSERT(PartOf(key, parts) == PartOf(std::string(key), parts));
}

// Stored data depends on it: these must never change.
TEST(Ids, PartsOfKeysNeverChange) {
  EXPECT_EQ(PartOf("", 16), 1u);
  EXPECT_EQ(PartOf("o-1001", 16), 0u);
  EXPECT_EQ(PartOf("m-17", 16), 4u);
  EXPECT_EQ(PartOf("o-1001", 256), 64u);
}

TEST(Ids, KeysThatOnlyLookLikeOursAreHashed) {
  const std::string ours = MakeId("clm", 3, "seed");
  EXPECT_EQ(PartOf(ours, 16), 3u);
  std::map<uint32_t, int> spread;
  for (int i = 0; i < 64; ++i) {
    // Each differs from an id of part 3 in form: too long, no prefix, capitals, no hexadecimal.
    ++spread[PartOf(absl::StrCat(ours, i), 16)];
    ++spread[PartOf(absl::StrCat("-03-", std::string(18, 'a'), i % 10, i / 10), 16)];
    ++spread[PartOf(absl::StrCat("CLM-03-", std::string(18, 'a'), i % 10, i / 10), 16)];
    ++spread[PartOf(absl::StrCat("clm-03-", std::string(18, 'x'), i % 10, i / 10), 16)];
  }
  EXPECT_GT(spread.size(), 8u);
}

TEST(Ids, OrdersSpreadEvenlyOverParts) {
  std::map<uint32_t, int> spread;
  for (int i = 0; i < 16'000; ++i) ++spread[PartOf(absl::StrCat("o-", i), 16)];
  ASSERT_EQ(spread.size(), 16u);
  for (const auto& [part, count] : spread) {
    EXPECT_GT(count, 800) << part;
    EXPECT_LT(count, 1200) << part;
  }
}

TEST(Clock, ATestClockStandsUntilItIsMovedAndNeverGoesBack) {
  const absl::Time start = absl::FromUnixSeconds(1'790'000'000);
  TestClock clock(start);
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(clock.Now(), start + absl::Hours(1));
  clock.MoveTo(start);
  EXPECT_EQ(clock.Now(), start + absl::Hours(1));
}

}  // namespace
}  // namespace makegood
