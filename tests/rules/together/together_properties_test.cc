// What holds of orders, claims and money together under any sequence of their commands, timers, events and
// calls, heard and made late, twice and in any allowed order; and that nothing hangs and no work is open once
// all of it has ended.
#include <gtest/gtest.h>

#include "tests/rules/together/together_finish.h"
#include "tests/rules/together/together_invariants.h"
#include "tests/rules/together/together_script.h"
#include "tests/rules/together/together_story.h"
#include "tests/support/thousands.h"

namespace makegood::testing {
namespace {

TEST(TogetherProperties, PAY_07_PAY_11_RFD_08_RFD_09_CLM_01_ORD_09_ORD_11_WRK_01_UnderAnySequence) {
  CheckThousands([] {
    const TogetherScript script = *ATogetherScript();
    TogetherStory story(script);
    TogetherInvariants invariants;
    for (const MoneyStep& step : script.steps) {
      story.Play(step);
      invariants.Check(story.world());
    }
    TogetherInvariants::CheckWorkTold(story.world());
  });
}

TEST(TogetherProperties, PAY_10_WRK_01_SYS_13_WhereEverythingHasEndedNothingHangs) {
  CheckThousands([] {
    const TogetherScript script = *ATogetherScript();
    TogetherStory story(script);
    TogetherInvariants invariants;
    for (const MoneyStep& step : script.steps) story.Play(step);
    invariants.Check(story.world());
    TogetherFinish finish(story.world(), story.hands(), script.end);
    finish.Run();
    invariants.Check(story.world());
    TogetherInvariants::CheckWorkTold(story.world());
    finish.CheckNothingHangs();
  });
}

}  // namespace
}  // namespace makegood::testing
