// Credit notes and the time they are due in, with the service's own timers (RFD-05).
#include "tests/services/payments_fixture.h"

namespace makegood::services {
namespace {

using payments::v1::CreditNote;
using payments::v1::PaymentsService;

TEST_F(PaymentsServiceTest, RFD_05_ALateCreditNoteIsMarkedByItsTimer) {
  const Order order = MakeOrder("o-1");
  Announce(Created(order));
  Announce(Delivered(order));
  ASSERT_TRUE(Eventually([&] {
    const auto account = GetAccount(order);
    return account.ok() && account->delivered();
  })) << WhatIsStuck();
  auto request = WithId<payments::v1::RequestCreditNoteRequest>();
  request.set_order_id("o-1");
  request.set_case_id("claim-1");
  request.set_return_number("R-4711");
  *request.mutable_gross() = Money(1'000);
  *request.mutable_vat() = Money(0);
  *request.mutable_commission() = Money(0);
  const auto asked = Call(&PaymentsService::Stub::RequestCreditNote, Operations(), request);
  ASSERT_THAT(asked, IsOk());
  const auto is_overdue = [&] {
    payments::v1::ListCreditNotesRequest list;
    list.set_order_id("o-1");
    const auto notes = Call(&PaymentsService::Stub::ListCreditNotes, Operations(), list);
    return notes.ok() && notes->credit_notes_size() == 1 && notes->credit_notes(0).overdue();
  };
  EXPECT_FALSE(is_overdue());
  clock_.MoveTo(rules::ToTime(asked->due_time()));
  EXPECT_TRUE(Eventually(is_overdue)) << WhatIsStuck();
}

}  // namespace
}  // namespace makegood::services
