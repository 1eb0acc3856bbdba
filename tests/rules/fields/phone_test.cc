// How a contact's phone number is kept, and that people's ways to write one refuse no order (SYS-07).
#include "common/rules/fields/phone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace makegood::rules {
namespace {

TEST(Phone, SYS_07_ANumberOfItsCountryIsKeptForTheWorld) {
  const struct {
    const char *text, *country, *kept;
  } cases[] = {{"0 (212) 555 00 11", "TR", "+902125550011"},
               {"0\u00A0(212)\u00A0555\u00A000\u00A011", "TR", "+902125550011"},
               {"777 123 456", "CZ", "+420777123456"},
               {"00420 777 123 456", "CZ", "+420777123456"},
               {"+420 777 123 456", "TR", "+420777123456"},
               {"+420/777-123-456", "", "+420777123456"},
               {"041 123 456", "SI", "+38641123456"},
               {"138 0013 8000", "CN", "+8613800138000"},
               {"１３８ ００１３ ８０００", "CN", "+8613800138000"},
               {"044 123 456", "XK", "+38344123456"},
               {"(212) 555 00 11 ext. 5", "TR", "+902125550011;ext=5"},
               // Nobody knows where these ring.
               {"0 (212) 555 00 11", "", "0 (212) 555 00 11"},
               {"112", "CZ", "112"},
               {"777 123", "CZ", "777 123"},
               {"777 123 456", "AQ", "777 123 456"},
               {"", "CZ", ""}};
  for (const auto& c : cases) {
    EXPECT_EQ(KeptPhone(c.text, c.country), c.kept) << c.text << " " << c.country;
    EXPECT_EQ(KeptPhone(c.kept, c.country), c.kept) << c.kept << " " << c.country;
    EXPECT_EQ(IsPhone(c.text), *c.text != 0) << c.text;
    EXPECT_EQ(IsPhone(c.kept), *c.text != 0) << c.kept;
  }
}

TEST(Phone, SYS_09_NothingOfANumberIsPrinted) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  for (const char* const text : {"+999 12345", "call me", "+", "777 123 456 x", "++++777"}) {
    IsPhone(text);
    KeptPhone(text, "ZZ");
    KeptPhone(text, "not a country");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

RC_GTEST_PROP(Phone, SYS_07_AnyTextIsTakenOrRefused, (const std::string& text)) {
  IsPhone(text);
  if (IsPhone("+420" + text)) RC_ASSERT(KeptPhone("+420" + text, "CZ").size() <= 40);
}

}  // namespace
}  // namespace makegood::rules
