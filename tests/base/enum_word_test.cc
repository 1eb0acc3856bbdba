// What people are told of an enum's value.
#include "common/base/enum_word.h"

#include <gtest/gtest.h>

#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/terms.pb.h"

namespace makegood {
namespace {

TEST(EnumWord, IsTheNameWithoutWhatAllOfItsEnumShare) {
  EXPECT_EQ(EnumWord(base::v1::ROLE_STORE_MANAGER), "STORE_MANAGER");
  EXPECT_EQ(EnumWord(base::v1::SURCHARGE_STATE_PROPOSED), "PROPOSED");
  EXPECT_EQ(EnumWord(base::v1::ROLE_UNSPECIFIED), "UNSPECIFIED");
  EXPECT_EQ(EnumWord(static_cast<base::v1::Role>(4711)), "");
}

}  // namespace
}  // namespace makegood
