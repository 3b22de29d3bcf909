/** While a place is chosen: what to do, over the map, and a cross at its middle. */

import { useEffect } from "preact/hooks";
import { focusMap } from "../board";
import { picked, picking } from "../picking";
import { t } from "../state";

export const PickHint = () => (picking.value ? <Hint /> : null);

function Hint() {
  useEffect(focusMap, []);
  return (
    <>
      <span class="crosshair" aria-hidden="true" />
      <div class="pick-hint" role="status">
        {t("pickHint")}
        <button type="button" onClick={() => picked(null)}>
          {t("cancel")}
        </button>
      </div>
    </>
  );
}
