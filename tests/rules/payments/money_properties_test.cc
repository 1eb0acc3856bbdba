// What holds of an order's money under any sequence of commands, timers, events of the order and news of its
// cases, and that nothing hangs once all of it has ended (PAY-10).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/rules/payments/money_script.h"
#include "tests/rules/payments/money_story.h"
#include "tests/support/thousands.h"

namespace makegood::testing {
namespace {

TEST(MoneyProperties, PAY_07_PAY_11_RFD_02_RFD_08_RFD_09_ORD_09_UnderAnySequence) {
  CheckThousands([] {
    const MoneyScript script = *AMoneyScript();
    MoneyStory story(script);
    for (const MoneyStep& step : script.steps) {
      story.Play(step);
      story.Check();
    }
    story.CheckWork();
  });
}

TEST(MoneyProperties, PAY_10_WhereEverythingHasEndedNothingHangs) {
  CheckThousands([] {
    const MoneyScript script = *AMoneyScript();
    MoneyStory story(script);
    for (const MoneyStep& step : script.steps) story.Play(step);
    story.Finish(script.end);
    story.Check();
    story.CheckNothingHangs();
  });
}

}  // namespace
}  // namespace makegood::testing
