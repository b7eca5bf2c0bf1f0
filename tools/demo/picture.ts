import { chromium } from 'playwright-core';
import { buttonsOf, eventually, type WorkspaceClient } from '../slack-workspace/client.ts';

/**
 * Waits until the fixes of the thread wait for an approval, and takes a picture of the workspace page, with the thread
 * open, as a browser draws it.
 * The machine needs a font with emoji, such as Debian's fonts-noto-color-emoji.
 * @param file where the PNG goes
 */
export async function takePicture(
  slack: WorkspaceClient,
  { address, person, channel, file }: Readonly<Record<'address' | 'person' | 'channel' | 'file', string>>,
): Promise<void> {
  const thread = await eventually('the fix cards', 60, async () => {
    const messages = await slack.messages(channel);
    const cards = messages.filter((one) => buttonsOf(one).some(({ action }) => action === 'approve_fix'));
    return cards.length >= 2 ? (cards[0]?.thread_ts ?? null) : null;
  });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 1000 } });
    await page.goto(`${address}#user=${person}&channel=${channel}&thread=${thread}`);
    await page.getByText('Approve').first().waitFor({ state: 'attached', timeout: 25_000 });
    // As one who has just opened it: the verdict first.
    await page.evaluate(
      `for (const part of document.querySelectorAll('*')) if (part.scrollTop > 0) part.scrollTop = 0`,
    );
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
