// What holds of an order's money under any sequence of commands, timers, events of the order and news of its
// cases, and that nothing hangs once all of it has ended (PAY-10).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "tests/rules/payments/money_script.h"
#include "tests/rules/payments/money_story.h"

namespace makegood::testing {
namespace {

// RapidCheck's hundred cases are too few here.
void CheckThousands(void (*property)()) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess *= 10;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  FAIL() << text.str();
}

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
