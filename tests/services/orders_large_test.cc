// Orders of many lines: their pages end before no client would take them (SYS-12).
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

constexpr int kOrders = 40;
constexpr int kLines = 500;
constexpr size_t kDefaultClientTakes = 4 << 20;

class LargeOrders : public OrdersTest {
 protected:
  void CreateAll() {
    for (int i = 0; i < kOrders; ++i) {
      NewOrder order = SomeOrder(absl::StrCat("large-", i));
      const auto line = order.lines(0);
      for (int n = order.lines_size(); n < kLines; ++n) {
        *order.add_lines() = line;
        order.mutable_lines(n)->set_line_id(absl::StrCat("line-", n, std::string(40, 'x')));
        order.mutable_lines(n)->set_sku(std::string(60, 's'));
      }
      ASSERT_THAT(Create(order), IsOk());
    }
  }
};

TEST_F(LargeOrders, SYS_12_APageOfThemEndsEarlyAndAllOfThemCome) {
  CreateAll();
  ListOrdersRequest request;
  request.set_merchant_id("m-1");
  request.set_page_size(1'000);
  int listed = 0;
  int pages = 0;
  do {
    const auto page = Call(Operations(), &OrdersService::Stub::ListOrders, request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LT(page->ByteSizeLong(), kDefaultClientTakes / 2);
    ASSERT_GT(page->orders_size(), 0);
    listed += page->orders_size();
    ++pages;
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && pages < kOrders);
  EXPECT_EQ(listed, kOrders);
  EXPECT_GT(pages, 1);
}

}  // namespace
}  // namespace makegood::testing
